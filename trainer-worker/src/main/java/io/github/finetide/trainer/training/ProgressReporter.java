package io.github.finetide.trainer.training;

import io.github.finetide.store.EpochScores;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.learning.StepTimes;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.BatchResult.Split;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.JobProgressEstimator;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import java.time.Duration;
import java.util.Objects;

/** Reports batches and epochs to {@link Progress}, with their times. */
final class ProgressReporter {
    private final JobProgressEstimator estimator;
    private final Progress progress;
    private int epoch;
    private long epochBegan;
    private long epochImages;

    ProgressReporter(JobProgressEstimator estimator, Progress progress) {
        this.estimator = estimator;
        this.progress = progress;
        estimator.begin();
    }

    void epochBegins(int number) {
        epoch = number;
        epochBegan = System.nanoTime();
        epochImages = 0;
    }

    void computed(int number, int batches, int images) {
        estimator.featuresComputed(images);
        report(Split.FEATURES, number, batches, images, new StepTimes(0, 0, 0, 0));
    }

    void trained(BatchSampler pass, TimedBatches batches, Batch batch, StepTimes times) {
        int images = batch.labels().length;
        estimator.trained(images);
        epochImages += images;
        report(Split.TRAIN, batches.number(), pass.batches(), images, times.afterWaiting(batches.waitedNanos()));
    }

    void validated(BatchSampler pass, TimedBatches batches, Batch batch, StepTimes times) {
        int images = batch.labels().length;
        estimator.validated(images);
        epochImages += images;
        report(Split.VALIDATION, batches.number(), pass.batches(), images, times.afterWaiting(batches.waitedNanos()));
    }

    private void report(Split split, int number, int batches, int images, StepTimes times) {
        progress.batchEnded(
                new BatchResult(split, epoch, number, batches, images, times, estimator.progress(), estimator.eta()));
    }

    void epochEnded(TrainingState state, SavedCheckpoint checkpoint) {
        Duration duration = Duration.ofNanos(System.nanoTime() - epochBegan);
        progress.epochEnded(result(state, checkpoint, duration, epochImages * 1e9 / duration.toNanos()));
    }

    /** The last finished epoch as its checkpoint holds it. */
    static EpochResult recovered(TrainingState state, SavedCheckpoint checkpoint) {
        return result(state, checkpoint, Duration.ZERO, 0);
    }

    private static EpochResult result(
            TrainingState state, SavedCheckpoint checkpoint, Duration duration, double imagesPerSecond) {
        EpochScores last = state.history().get(state.history().size() - 1);
        return new EpochResult(
                last.epoch(),
                state.job().epochs(),
                last.train(),
                Objects.requireNonNull(state.evaluation()),
                last.learningRate(),
                Objects.requireNonNull(state.earlyStopping().best()),
                checkpoint,
                state.weightsDigest(),
                state.classWeights(),
                duration,
                imagesPerSecond);
    }
}
