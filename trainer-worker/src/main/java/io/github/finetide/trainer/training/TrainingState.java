package io.github.finetide.trainer.training;

import io.github.finetide.message.Best;
import io.github.finetide.message.EarlyStopping;
import io.github.finetide.message.Scores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.EpochScores;
import io.github.finetide.store.FileEntry;
import io.github.finetide.store.MidEpoch;
import io.github.finetide.store.RecordedPreprocessing;
import io.github.finetide.store.StoppingState;
import io.github.finetide.trainer.learning.Evaluation;
import io.github.finetide.trainer.learning.ScoreAccumulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state of a job, except its tensors.
 *
 * @param sums of the training batches of the current epoch
 * @param history of the finished epochs; the current epoch is the one after
 * @param evaluation of the last finished epoch; null before there is one
 * @param classWeights the weight of each class in the loss; null where all are equal
 */
public record TrainingState(
        TrainingJob job,
        String weightsDigest,
        ScoreAccumulator.Sums sums,
        EarlyStoppingState earlyStopping,
        List<EpochScores> history,
        @Nullable Evaluation evaluation,
        @Nullable List<Double> classWeights) {

    public TrainingState {
        history = List.copyOf(history);
        classWeights = classWeights == null ? null : List.copyOf(classWeights);
    }

    public static TrainingState start(TrainingJob job, String weightsDigest) {
        return start(job, weightsDigest, null);
    }

    static TrainingState start(TrainingJob job, String weightsDigest, @Nullable List<Double> classWeights) {
        return new TrainingState(
                job,
                weightsDigest,
                ScoreAccumulator.Sums.NONE,
                EarlyStoppingState.START,
                List.of(),
                null,
                classWeights);
    }

    /** The current epoch. */
    int epoch() {
        return history.size() + 1;
    }

    /** Whether nothing was trained yet. */
    boolean isBeginning() {
        return history.isEmpty() && sums.batches() == 0;
    }

    /** Whether no epoch is left to train. */
    boolean isFinished() {
        return epoch() > job.epochs() || stoppedEarly();
    }

    boolean stoppedEarly() {
        return earlyStopping.exhausted(job.earlyStopping());
    }

    /** The best epoch so far; there is one. */
    Best best() {
        return Objects.requireNonNull(earlyStopping.best(), "no epoch is finished");
    }

    /** The value of the job's bestBy in that epoch. */
    double score() {
        return job.bestMetric().of(history.get(best().epoch() - 1).validation());
    }

    TrainingState withSums(ScoreAccumulator.Sums newSums) {
        return new TrainingState(job, weightsDigest, newSums, earlyStopping, history, evaluation, classWeights);
    }

    public TrainingState afterEpoch(double learningRate, Scores trained, Evaluation validated) {
        EarlyStopping rule = job.earlyStopping();
        ValidationScores scores = validated.scores();
        List<EpochScores> longer = new ArrayList<>(history);
        longer.add(new EpochScores(epoch(), learningRate, trained, scores));
        return new TrainingState(
                job,
                weightsDigest,
                ScoreAccumulator.Sums.NONE,
                earlyStopping.after(longer, job.bestMetric(), rule),
                longer,
                validated,
                classWeights);
    }

    /**
     * Restores the state from a checkpoint.
     *
     * @param job as it was asked for: the checkpoint's own lacks what its URIs keep secret
     */
    static TrainingState of(TrainingJob job, CheckpointManifest saved, int trainImages) {
        MidEpoch mid = saved.midEpoch();
        ScoreAccumulator.Sums sums = mid == null
                ? ScoreAccumulator.Sums.NONE
                : new ScoreAccumulator.Sums(
                        mid.lossSum(),
                        mid.batches(),
                        mid.correct(),
                        Math.min((long) mid.batches() * job.batchSize(), trainImages));
        StoppingState stopping = saved.earlyStopping();
        Evaluation evaluation = saved.last()
                .map(last -> new Evaluation(last.validation(), saved.confusionMatrix(), saved.perClass()))
                .orElse(null);
        return new TrainingState(
                job,
                saved.weightsDigest(),
                sums,
                new EarlyStoppingState(saved.best(), stopping.reference(), stopping.epochsWithout()),
                saved.history(),
                evaluation,
                saved.classWeights());
    }

    /** The manifest of a checkpoint taken now: between epochs a finished one's, else an interim one's. */
    public CheckpointManifest manifest() {
        boolean between = sums.batches() == 0;
        Best best = earlyStopping.best();
        List<FileEntry> none = List.of();
        return new CheckpointManifest(
                CheckpointManifest.FORMAT,
                job,
                between ? epoch() - 1 : epoch(),
                between ? null : new MidEpoch(sums.batches(), sums.lossSum(), sums.correct()),
                history,
                evaluation == null ? null : evaluation.confusionMatrix(),
                evaluation == null ? null : evaluation.perClass(),
                best,
                new StoppingState(earlyStopping.reference(), earlyStopping.epochsWithout()),
                job.network(),
                weightsDigest,
                job.classNames(),
                classWeights,
                RecordedPreprocessing.validation(job.imageSize()),
                null,
                none);
    }
}
