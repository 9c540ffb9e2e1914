package io.github.finetide.trainer.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Trainable;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.data.Manifest;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.progress.JobProgressEstimator;
import java.time.Duration;
import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Locale;

/** A rough estimate of a job's time and memory, from the arithmetic of its network and the speed of a short matrix product. */
final class Estimate {
    private static final int SIDE = 768; // 0.9 GFLOP a product: some milliseconds on two cores
    private static final int ROUNDS = 5;
    private static final double REACHED = 0.4; // of the product's speed: 278 of 674 GFLOP/s measured with resnet152
    private static final double GIB = 1L << 30;

    private Estimate() {}

    static String of(TrainingJob job, Manifest train, Manifest validation, JobProgressEstimator work, Device device) {
        double flop = gflop(job.network(), job.imageSize()) * 1e9;
        double seconds = work.total() * flop / (REACHED * productSpeed(device));
        return String.format(
                Locale.ROOT,
                "%d training and %d validation images, %s, about %s and %.1f GiB of memory",
                train.entries().size(),
                validation.entries().size(),
                classes(train, job.classes()),
                words(Duration.ofSeconds((long) seconds)),
                bytes(job) / GIB);
    }

    /** What a job that computes the same features again in every epoch could save; empty for others. */
    static List<String> saving(TrainingJob job, long trainImages, long validationImages, JobProgressEstimator work) {
        if (job.trainable() != Trainable.HEAD || Learner.fixedFeatures(job)) {
            return List.of();
        }
        double once = new JobProgressEstimator(job, trainImages, validationImages, 1, true).total();
        return List.of(String.format(
                Locale.ROOT,
                "batchNorm update: every epoch computes all features anew, and none can be shared with other jobs; with"
                        + " batchNorm frozen and augmentation none this job would be about %.0f %% of the work",
                100 * once / work.total()));
    }

    private static String classes(Manifest train, int classes) {
        int[] counts = new int[classes];
        train.entries().forEach(entry -> counts[entry.label()]++);
        IntSummaryStatistics sizes = Arrays.stream(counts).summaryStatistics();
        return String.format(
                Locale.ROOT,
                "%d classes of %s training images",
                classes,
                sizes.getMin() == sizes.getMax() ? sizes.getMin() : sizes.getMin() + " to " + sizes.getMax());
    }

    private static String words(Duration time) {
        if (time.toHours() >= 2) {
            return time.toHours() + " hours";
        }
        return time.toMinutes() >= 2 ? time.toMinutes() + " minutes" : Math.max(1, time.toSeconds()) + " seconds";
    }

    /** Arithmetic of one image: torchvision's published figures at 224 pixels, twice the multiplications. */
    private static double gflop(Architecture network, int imageSize) {
        double at224 = switch (network) {
            case RESNET50 -> 8.2;
            case RESNET101 -> 15.6;
            case RESNET152 -> 23.0;
            case CNN -> 1.4;
        };
        return at224 * imageSize * imageSize / (224.0 * 224.0);
    }

    /** Measured with resnet152 at 256 pixels: head 2.5 GB at batch 64, all 3.9 GB at batch 8, 0.8 GB without a batch. */
    private static double bytes(TrainingJob job) {
        double mibAnImage = job.trainable() == Trainable.HEAD ? 27 : job.trainable() == Trainable.LAYER4 ? 60 : 390;
        double scale = (double) job.imageSize() * job.imageSize() / (256.0 * 256.0);
        return (0.8 * 1024 + mibAnImage * scale * job.batchSize()) * (1 << 20);
    }

    /** Returns the device's speed at a matrix product in FLOP/s. */
    private static double productSpeed(Device device) {
        try (NDManager manager = NDManager.newBaseManager(device)) {
            NDArray matrix = manager.ones(new Shape(SIDE, SIDE));
            matrix.matMul(matrix).sum().getFloat();
            long began = System.nanoTime();
            NDArray product = matrix;
            for (int i = 0; i < ROUNDS; i++) {
                product = matrix.matMul(matrix);
            }
            product.sum().getFloat();
            return 2.0 * SIDE * SIDE * SIDE * ROUNDS * 1e9 / (System.nanoTime() - began);
        }
    }
}
