package io.github.finetide.trainer.training;

import io.github.finetide.confidence.ValidationLogits;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Scores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.FeatureCache;
import io.github.finetide.trainer.learning.DeferredBatchResults;
import io.github.finetide.trainer.learning.Evaluation;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.learning.ScoreAccumulator;
import io.github.finetide.trainer.progress.ControlPoint;
import io.github.finetide.trainer.progress.JobProgressEstimator;
import io.github.finetide.trainer.progress.ReviewedData;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.review.OutOfFold;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A running job: its state, and what it works with. */
final class TrainingRun implements AutoCloseable {
    private final ControlPoint control;
    private final EpochSaver saver;
    private final GoldenImages golden;
    private final Learner learner;
    private final BatchSource source;
    private final ReleaseMeasurement measurement;
    private final ReleaseReview review;
    private final JobProgressEstimator estimator;
    private TrainingState state;
    private TrainingState savedState;

    /**
     * Takes learner and source over, to be closed with this.
     *
     * @param golden some validation images as the network sees them
     * @param state where the newest checkpoint is, or the beginning
     */
    TrainingRun(
            ControlPoint control,
            EpochSaver saver,
            GoldenImages golden,
            Learner learner,
            BatchSource source,
            ReleaseMeasurement measurement,
            ReleaseReview review,
            JobProgressEstimator estimator,
            TrainingState state) {
        this.control = control;
        this.saver = saver;
        this.golden = golden;
        this.learner = learner;
        this.source = source;
        this.measurement = measurement;
        this.review = review;
        this.estimator = estimator;
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

    JobProgressEstimator estimator() {
        return estimator;
    }

    /** Returns the remaining training batches of an epoch. */
    TimedBatches trainingBatches(
            BatchSampler pass, DeferredBatchResults results, ScoreAccumulator scores, FeatureCache.Watcher watcher) {
        int done = scores.batches();
        return new TimedBatches(source.training(pass, done, watcher), done, () -> saveBeforeFailing(results, scores));
    }

    /** Returns all batches of a pass over validation images. */
    TimedBatches validationBatches(BatchSampler pass, FeatureCache.Watcher watcher) {
        return new TimedBatches(source.validation(pass, watcher), 0, () -> {});
    }

    /** Obeys the directive between two training batches; a checkpoint saved there covers all batches so far. */
    void obey(DeferredBatchResults results, ScoreAccumulator scores) {
        estimator.aside(() -> control.pass(() -> {
            trainingDone(results, scores);
            return saveInterim();
        }));
    }

    /** Obeys the directive between other batches, which change nothing that a checkpoint holds. */
    void obey() {
        estimator.aside(() -> control.pass(this::saveInterim));
    }

    /** Records the results of the training batches so far. */
    void trainingDone(DeferredBatchResults results, ScoreAccumulator scores) {
        results.readAll();
        state = state.withSums(scores.sums());
    }

    void epochDone(double learningRate, Scores trained, Evaluation validated) {
        state = state.afterEpoch(learningRate, trained, validated);
    }

    /** Saves what was trained before a failure; the next run of the job resumes there. */
    private void saveBeforeFailing(DeferredBatchResults results, ScoreAccumulator scores) {
        trainingDone(results, scores);
        boolean unused = saveInterim();
    }

    /** Returns whether all that is done is in the store; false where nothing is done yet. */
    private boolean saveInterim() {
        if (!state.equals(savedState)) {
            saver.saveInterim(state, learner);
            savedState = state;
        }
        return !state.isBeginning();
    }

    /** Saves the epoch that is done. */
    SavedCheckpoint save() {
        checkFeatures();
        SavedCheckpoint saved = saver.save(state, learner);
        savedState = state;
        return saved;
    }

    /** Running statistics that moved under a backbone whose fused page would hide a NaN. */
    private void checkFeatures() {
        if (learner.movesStatisticsOnly() && !learner.givesFiniteFeatures(golden.pixels())) {
            throw new FaultException(
                    ErrorKind.NOT_FINITE,
                    "epoch %d, validation: by the running statistics, the layers before the head give numbers that are not"
                                    .formatted(state.epoch() - 1)
                            + " finite, so no checkpoint was saved; other weights or batchNorm frozen are needed");
        }
    }

    void prune() {
        saver.prune(state.job().checkpoint().keep());
    }

    /** Measures what the model to be released can do in other precisions, and adds it to its checkpoint. */
    void measureRelease(Optional<OutOfFold> outOfFold) {
        Optional<ValidationLogits> unseen = outOfFold.map(logits -> logits.of(source.trainingLabels()));
        measurement.measure(learner.ranges(), golden.pixels(), unseen, this::obey);
    }

    /**
     * Begins a trial of this job, on the same features and with the same network; to be closed before the next one.
     *
     * @param head that it starts with
     */
    TrainingRun variant(TrainingJob variant, StateDict head, EpochSaver other) {
        return trial(variant, head, other, source.shared());
    }

    /** The same on some of the images. */
    TrainingRun trial(TrainingJob variant, StateDict head, EpochSaver other, BatchSource images) {
        @Nullable List<Double> classWeights = ClassCounts.weights(variant, images.trainingLabels());
        return new TrainingRun(
                control,
                other,
                golden,
                learner.variant(variant, head, ClassCounts.array(classWeights)),
                images,
                measurement,
                review,
                estimator,
                TrainingState.start(variant, state.weightsDigest(), classWeights));
    }

    /** Writes what the released model predicts, what it makes doubtful of the images, and the report with pictures. */
    Optional<ReviewedData> reviewRelease() {
        return review.review(learner.ranges(), this::obey);
    }

    @Override
    public void close() {
        source.close();
        learner.close();
    }
}
