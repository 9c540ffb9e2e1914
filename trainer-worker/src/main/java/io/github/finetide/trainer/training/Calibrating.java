package io.github.finetide.trainer.training;

import ai.djl.ndarray.NDManager;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Calibration;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.data.EpochOrder;
import io.github.finetide.trainer.data.ImageReader;
import io.github.finetide.trainer.data.ImageSet;
import io.github.finetide.trainer.data.Manifest;
import io.github.finetide.trainer.data.PixelLoader;
import java.util.Arrays;
import java.util.Optional;

/**
 * Measures the ranges of activations that int8 needs, on training images without augmentation. Which ones
 * follows from the job's seed.
 */
final class Calibrating {
    /** One in sixteen, within limits: with more, ranges hardly move, and the job would be noticeably longer. */
    private static final int ONE_IN = 16;

    private static final int MIN_IMAGES = 16;
    private static final int MAX_IMAGES = 128;
    private static final int BATCH = 16;

    /** The epochs of training count from 1. */
    private static final int DRAW = 0;

    private final TrainingJob job;
    private final ImageSet images;
    private final PixelLoader loader;

    Calibrating(TrainingJob job, Manifest training, ImageReader reader, PixelLoader loader) {
        this.job = job;
        this.images = ImageSet.validation(job, training, reader);
        this.loader = loader;
    }

    /**
     * Measures them.
     *
     * @param weights all tensors of the network
     * @param afterEach run after each batch
     * @return empty where int8 cannot be computed
     */
    Optional<ActivationRanges> ranges(NetworkOptions options, StateDict weights, Runnable afterEach) {
        Optional<Calibration> opened = Calibration.open(options, weights);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        try (Calibration calibration = opened.get();
                Batches batches = loader.load(pass(), 0)) {
            while (batches.hasNext()) {
                try (Batch batch = batches.next();
                        NDManager scope = calibration.scope()) {
                    calibration.observe(batch.input(scope));
                }
                afterEach.run();
            }
            return Optional.of(calibration.ranges());
        }
    }

    private BatchSampler pass() {
        int[] shuffled = EpochOrder.shuffled(images.size(), job.seed(), DRAW);
        return new BatchSampler(images, 1, Arrays.copyOf(shuffled, count(images.size())), BATCH);
    }

    /** How many of so many images are looked at. */
    static int count(int size) {
        return Math.min(size, Math.max(MIN_IMAGES, Math.min(MAX_IMAGES, size / ONE_IN)));
    }
}
