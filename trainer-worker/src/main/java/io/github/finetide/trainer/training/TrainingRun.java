package io.github.finetide.trainer.training;

import io.github.finetide.message.Scores;
import io.github.finetide.store.Saved;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.learning.DeferredBatchResults;
import io.github.finetide.trainer.learning.Evaluation;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.learning.ScoreAccumulator;
import java.util.Optional;

/** A job under way: where it is, and what it works with. */
final class TrainingRun implements AutoCloseable {
    private final ControlPoint gate;
    private final CheckpointBook book;
    private final StateDict starting;
    private final GoldenImages golden;
    private final Learner learner;
    private final BatchSource source;
    private final ReleaseMeasurement measurement;
    private final JobProgressEstimator work;
    private TrainingState state;
    private TrainingState savedState;

    /**
     * Takes learner and source over, to be closed with this.
     *
     * @param starting the starting weights, which checkpoints leave out
     * @param golden some validation images as the network sees them
     * @param state where the newest checkpoint is, or the beginning
     */
    TrainingRun(
            ControlPoint gate,
            CheckpointBook book,
            StateDict starting,
            GoldenImages golden,
            Learner learner,
            BatchSource source,
            ReleaseMeasurement measurement,
            JobProgressEstimator work,
            TrainingState state) {
        this.gate = gate;
        this.book = book;
        this.starting = starting;
        this.golden = golden;
        this.learner = learner;
        this.source = source;
        this.measurement = measurement;
        this.work = work;
        this.state = state;
        this.savedState = state;
    }

    TrainingState state() {
        return state;
    }

    Learner learner() {
        return learner;
    }

    BatchSource source() {
        return source;
    }

    JobProgressEstimator work() {
        return work;
    }

    /** Between training batches: obeys the gate; a checkpoint taken there knows of all of them. */
    void pass(DeferredBatchResults readings, ScoreAccumulator tally) {
        work.aside(() -> gate.pass(() -> {
            trainingDone(readings, tally);
            return saveInterim();
        }));
    }

    /** Between other batches, which change nothing that a checkpoint holds. */
    void pass() {
        work.aside(() -> gate.pass(this::saveInterim));
    }

    /** Takes note of the training batches so far. */
    void trainingDone(DeferredBatchResults readings, ScoreAccumulator tally) {
        readings.readAll();
        state = state.withSums(tally.sums());
    }

    void epochDone(double learningRate, Scores trained, Evaluation validated) {
        state = state.afterEpoch(learningRate, trained, validated);
    }

    /** Saves what was trained before something failed: whoever runs the job again goes on from there. */
    void saveBeforeFailing(DeferredBatchResults readings, ScoreAccumulator tally) {
        trainingDone(readings, tally);
        boolean unused = saveInterim();
    }

    /** Returns whether all that is done is in the store; false where nothing is done yet. */
    private boolean saveInterim() {
        if (!state.equals(savedState)) {
            book.save(state, learner, starting, Optional.empty());
            savedState = state;
        }
        return !state.isBeginning();
    }

    /** Saves the epoch that is done. */
    SavedCheckpoint save() {
        Saved saved = book.save(state, learner, starting, Optional.of(golden.seenBy(learner)));
        savedState = state;
        return new SavedCheckpoint(state.epoch() - 1, saved.uri(), saved.digest(), saved.sizeBytes());
    }

    void prune() {
        book.prune(state.job().checkpoint().keep());
    }

    /** Measures what the model to be released can do in other precisions, and adds it to its checkpoint. */
    void measureRelease() {
        measurement.measure(starting, learner.ranges(), golden.pixels(), this::pass);
    }

    @Override
    public void close() {
        source.close();
        learner.close();
    }
}
