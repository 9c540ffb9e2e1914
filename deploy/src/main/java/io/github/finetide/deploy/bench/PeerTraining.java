package io.github.finetide.deploy.bench;

import ai.djl.Device;
import io.github.finetide.fetch.ImageSources;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.JobStart;
import io.github.finetide.trainer.progress.UnwatchedProgress;
import io.github.finetide.trainer.training.FineTuning;
import io.github.finetide.trainer.training.TrainerResources;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs training jobs as a trainer does.
 *
 * @param store folder for checkpoints
 * @param root folder that images may lie in
 */
record PeerTraining(Path store, Path cache, Path root) {

    /**
     * Runs a job: seconds of each epoch, from its first image to its last.
     *
     * @param saving whether they last until the epoch's checkpoint is saved
     */
    Answer run(TrainingJob job, boolean saving) {
        try (ImageSources images = ImageSources.open(List.of(root), List.of());
                Checkpoints checkpoints = Checkpoints.open(store.toUri(), "bench", cache)) {
            TrainerResources resources = new TrainerResources(
                    checkpoints,
                    cache,
                    (uri, target) -> {
                        throw new IllegalArgumentException("the bench reads no weights from " + uri);
                    },
                    images,
                    Device.cpu(),
                    Runtime.getRuntime().availableProcessors(),
                    root);
            EpochTimes times = new EpochTimes(saving);
            new FineTuning(job, resources).run(times);
            return Answer.of(times.seconds());
        }
    }

    /** Runs a job: its seconds, from its checks to its end. */
    Answer whole(TrainingJob job) {
        long began = System.nanoTime();
        Answer epochs = run(job, true);
        return epochs.isRefusal() ? epochs : Answer.of((System.nanoTime() - began) / 1e9);
    }

    /** Takes the time of each epoch. */
    private static final class EpochTimes extends UnwatchedProgress {
        private final List<Double> seconds = new ArrayList<>();
        private final boolean saving;
        private long began;
        private long lastBatch;

        EpochTimes(boolean saving) {
            this.saving = saving;
        }

        double[] seconds() {
            return seconds.stream().mapToDouble(Double::doubleValue).toArray();
        }

        @Override
        public void started(JobStart start) {
            began = System.nanoTime();
        }

        @Override
        public void batchEnded(BatchResult batch) {
            lastBatch = System.nanoTime();
        }

        @Override
        public void epochEnded(EpochResult result) {
            long now = System.nanoTime();
            seconds.add(((saving ? now : lastBatch) - began) / 1e9);
            began = now;
        }
    }
}
