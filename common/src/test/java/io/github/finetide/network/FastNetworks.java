package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Trainable;
import io.github.finetide.tensor.HashedNumbers;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fast pages beside the plain one, on images that vary. */
final class FastNetworks {
    private static final int[][] BATCHES = {{1, 64}, {3, 64}, {1, 96}, {2, 100}, {1, 256}, {2, 33}};

    private FastNetworks() {}

    /** Compares logits, relative to the largest one; a page this processor has no use for is passed over. */
    static void checkAgainstPlain(Architecture architecture) {
        StateDict weights = HashedNumbers.weights(architecture, Golden.CLASSES, Golden.SIZE);
        try (Network plain = plain(architecture, weights)) {
            // The largest seen: 8e-7, 0.008 and 0.03.
            check(plain, weights, Precision.FP32, null, 2e-5);
            check(plain, weights, Precision.BF16, null, 0.03);
            check(plain, weights, Precision.INT8, ranges(architecture, weights), 0.06);
        }
    }

    /**
     * Compares features by batch statistics, and the running ones that are left, of a batch in several parts of which the
     * last is smaller.
     */
    static void checkBatchStatisticsAgainstPlain(Precision precision, double features, double statistics) {
        if (!FastPages.available(Architecture.RESNET50, precision, Device.cpu())) {
            return;
        }
        StateDict weights = HashedNumbers.weights(Architecture.RESNET50, Golden.CLASSES, Golden.SIZE);
        try (Network plain = plain(Architecture.RESNET50, weights);
                Network fast = Network.open(options(Architecture.RESNET50, precision), weights)) {
            assertThat(error(batchFeatures(plain), batchFeatures(fast)))
                    .as("%s features", precision)
                    .isLessThanOrEqualTo(features);
            for (TensorData wanted :
                    plain.snapshot(plain.layout().runningStatistics()).tensors()) {
                StateDict got = fast.snapshot(List.of(wanted.name()));
                if (Layout.isBatchCount(wanted.name())) {
                    assertThat(got.get(wanted.name()).bytes()).isEqualTo(wanted.bytes());
                } else {
                    assertThat(error(Golden.floats(wanted), Golden.floats(got.get(wanted.name()))))
                            .as("%s %s", precision, wanted.name())
                            .isLessThanOrEqualTo(statistics);
                }
            }
        }
    }

    private static float[] batchFeatures(Network network) {
        try (NDManager scope = network.scope()) {
            NDArray pixels = Golden.images(scope, SeededImages.draw(7, 11, 256), 11, 256);
            return network.features(pixels, true).toFloatArray();
        }
    }

    /** A network that must not fold its last stage uses the plain page. */
    private static Network plain(Architecture architecture, StateDict weights) {
        Network network = Network.open(NetworkOptions.of(architecture), weights);
        network.trains(Trainable.LAYER4);
        return network;
    }

    private static void check(
            Network plain, StateDict weights, Precision precision, @Nullable ActivationRanges ranges, double bound) {
        Architecture architecture = plain.options().architecture();
        if (!FastPages.available(architecture, precision, Device.cpu())) {
            return;
        }
        try (Network fast = Network.frozen(options(architecture, precision), weights, ranges)) {
            assertThat(fast.precision()).isEqualTo(precision);
            for (int[] batch : BATCHES) {
                double error = error(logits(plain, batch), logits(fast, batch));
                assertThat(error)
                        .as("%s %s, %d of %d pixels", architecture, precision, batch[0], batch[1])
                        .isLessThanOrEqualTo(bound);
            }
        }
    }

    static NetworkOptions options(Architecture architecture, Precision precision) {
        return new NetworkOptions(architecture, precision, Device.cpu());
    }

    static @Nullable ActivationRanges ranges(Architecture architecture, StateDict weights) {
        try (Calibration calibration =
                Calibration.open(options(architecture, Precision.INT8), weights).orElse(null)) {
            if (calibration == null) {
                return null;
            }
            try (NDManager batch = calibration.scope()) {
                calibration.observe(Golden.images(batch, SeededImages.draw(5, 8, 96), 8, 96));
                return calibration.ranges();
            }
        }
    }

    private static float[] logits(Network network, int... batch) {
        try (NDManager scope = network.scope()) {
            NDArray pixels = Golden.images(scope, SeededImages.draw(99, batch[0], batch[1]), batch[0], batch[1]);
            return network.forward(pixels, false).toFloatArray();
        }
    }

    static double error(float[] wanted, float[] got) {
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < wanted.length; i++) {
            largest = Math.max(largest, Math.abs(wanted[i]));
            difference = Math.max(difference, Math.abs(wanted[i] - got[i]));
        }
        return difference / largest;
    }
}
