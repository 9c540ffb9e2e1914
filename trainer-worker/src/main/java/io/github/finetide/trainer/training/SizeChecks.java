package io.github.finetide.trainer.training;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.BatchNorm;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.Layout;
import io.github.finetide.trainer.data.ImageSet;
import io.github.finetide.trainer.data.PixelLoader;
import io.github.finetide.trainer.learning.Learner;

/** Refuses a job by its sizes alone, before anything is fetched or decoded. */
final class SizeChecks {
    /** A tensor is copied from libtorch to Java as one buffer; this is its largest size. */
    private static final long MAX_TENSOR_BYTES = Integer.MAX_VALUE;

    /** A residual network halves its image five times, rounding up. */
    private static final int REDUCTION = 32;

    private SizeChecks() {}

    /** @throws FaultException INVALID */
    static void check(TrainingJob job, ImageSet training, ImageSet validation) {
        checkHead(job);
        Object unused =
                ClassCounts.weights(job, training.labels()); // refuses balanced weights of a class without images
        PixelLoader.checkSize(training, job.batchSize());
        PixelLoader.checkSize(validation, job.batchSize());
        if (Learner.fixedFeatures(job)) {
            checkFeatures(job);
        }
        if (job.batchNorm() == BatchNorm.UPDATE && job.network() != Architecture.CNN) {
            checkBatchStatistics(job, training);
        }
    }

    private static void checkHead(TrainingJob job) {
        long fits = MAX_TENSOR_BYTES / rowBytes(job);
        if (job.classes() > fits) {
            throw FaultException.invalid(
                    "classes",
                    job.classes(),
                    "at most %d with network %s at %d pixels (2 GiB a tensor)"
                            .formatted(fits, job.network().wire(), job.imageSize()));
        }
    }

    private static void checkFeatures(TrainingJob job) {
        long fits = MAX_TENSOR_BYTES / rowBytes(job);
        if (job.batchSize() > fits) {
            throw FaultException.invalid(
                    "batchSize",
                    job.batchSize(),
                    "at most %d with network %s at %d pixels (2 GiB of features a batch)"
                            .formatted(fits, job.network().wire(), job.imageSize()));
        }
    }

    private static long rowBytes(TrainingJob job) {
        return (long) Layout.featureCount(job.network(), job.imageSize()) * Float.BYTES;
    }

    /** As torch.nn.functional's {@code _verify_batch_size}, which ATen does not repeat: the variance would be NaN. */
    private static void checkBatchStatistics(TrainingJob job, ImageSet training) {
        boolean oneImage = training.size() % job.batchSize() == 1 || job.batchSize() == 1;
        if (oneImage && training.edge() <= REDUCTION) {
            throw FaultException.invalid(
                    "batchSize",
                    job.batchSize(),
                    "with %d training images at %d pixels, one that leaves no batch of a single image: its last feature map"
                                    .formatted(training.size(), training.edge())
                            + " is 1x1, and batch statistics need more than one value a channel; or batchNorm frozen,"
                            + " or images above " + REDUCTION + " pixels");
        }
    }
}
