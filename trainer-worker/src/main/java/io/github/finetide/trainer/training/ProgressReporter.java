package io.github.finetide.trainer.training;

import io.github.finetide.store.EpochScores;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.learning.StepTimes;
import io.github.finetide.trainer.training.BatchResult.Split;
import java.time.Duration;
import java.util.Objects;

/** Tells {@link Progress} of batches and epochs, with their times. */
final class ProgressReporter {
    private final JobProgressEstimator work;
    private final Progress progress;
    private int epoch;
    private long epochBegan;
    private long epochImages;
    private long waitBegan;
    private long waited;

    ProgressReporter(JobProgressEstimator work, Progress progress) {
        this.work = work;
        this.progress = progress;
        work.begin();
    }

    void epochBegins(int number) {
        epoch = number;
        epochBegan = System.nanoTime();
        epochImages = 0;
    }

    void waitsForData() {
        waitBegan = System.nanoTime();
    }

    void dataHere() {
        waited = System.nanoTime() - waitBegan;
    }

    void computed(int number, int batches, int images) {
        work.featuresComputed(images);
        tell(Split.FEATURES, number, batches, images, new StepTimes(0, 0, 0, 0));
    }

    void trained(BatchSampler pass, int number, Batch batch, StepTimes times) {
        int images = batch.labels().length;
        work.trained(images);
        epochImages += images;
        tell(Split.TRAIN, number, pass.batches(), images, times.afterWaiting(waited));
    }

    void validated(BatchSampler pass, int number, Batch batch, StepTimes times) {
        int images = batch.labels().length;
        work.validated(images);
        epochImages += images;
        tell(Split.VALIDATION, number, pass.batches(), images, times.afterWaiting(waited));
    }

    private void tell(Split split, int number, int batches, int images, StepTimes times) {
        progress.batchEnded(new BatchResult(split, epoch, number, batches, images, times, work.progress(), work.eta()));
    }

    void epochEnded(TrainingState state, SavedCheckpoint checkpoint) {
        Duration duration = Duration.ofNanos(System.nanoTime() - epochBegan);
        progress.epochEnded(result(state, checkpoint, duration, epochImages * 1e9 / duration.toNanos()));
    }

    /** The last finished epoch as its checkpoint tells of it. */
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
                Objects.requireNonNull(state.standing().best()),
                checkpoint,
                state.weightsDigest(),
                duration,
                imagesPerSecond);
    }
}
