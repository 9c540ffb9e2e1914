package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Trainable;
import io.github.finetide.tensor.HashedNumbers;
import io.github.finetide.tensor.StateDict;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FastPagesTest {
    private static final int PLACES = 16; // a trainer's batch on a processor
    private static final StateDict WEIGHTS = HashedNumbers.weights(Architecture.RESNET50, Golden.CLASSES, Golden.SIZE);

    @Test
    void fastPagesComputeWhatThePlainOneDoes() {
        FastNetworks.checkAgainstPlain(Architecture.RESNET50);
    }

    @Test
    void batchStatisticsAreThoseOfTheWholeBatchAndNotOfAPart() {
        FastNetworks.checkBatchStatisticsAgainstPlain(Precision.FP32, 2e-5, 1e-5);
        FastNetworks.checkBatchStatisticsAgainstPlain(Precision.BF16, 0.03, 0.01);
    }

    /** Weights of other than a multiple of 16 channels are spoiled when packed, by one thread more than by two. */
    @Test
    void fastPagesComputeTheSameWithOneThread() {
        int threads = JniUtils.getNumThreads();
        JniUtils.setNumThreads(1);
        try {
            for (Precision precision : Precision.values()) {
                if (FastPages.supports(Processor.here(), precision)) {
                    assertThat(FastPages.succeeds(precision, Pages.fast(FastPages.BLOCKS, precision)))
                            .as(precision.wire())
                            .isTrue();
                }
            }
        } finally {
            JniUtils.setNumThreads(threads);
        }
    }

    /** What lets features be named by content: whoever computes them, with whatever neighbours in a batch of that shape. */
    @Test
    void featuresOfAnImageAreTheSameBytesAtEveryPlaceOfABatch() {
        int threads = JniUtils.getNumThreads();
        for (Precision precision : Precision.values()) {
            NetworkOptions options = FastNetworks.options(Architecture.RESNET50, precision);
            ActivationRanges ranges =
                    precision == Precision.INT8 ? FastNetworks.ranges(Architecture.RESNET50, WEIGHTS) : null;
            try (Network network = Network.frozen(options, WEIGHTS, ranges)) {
                byte[][] first = rows(network, 0, 1);
                for (int shift : new int[] {3, PLACES - 1}) {
                    JniUtils.setNumThreads(shift == 3 ? 1 : threads);
                    byte[][] shifted = rows(network, shift, 2);
                    for (int image = 0; image < PLACES / 2; image++) {
                        assertThat(shifted[(image + shift) % PLACES])
                                .as("%s, image %d moved by %d places", precision, image, shift)
                                .isEqualTo(first[image]);
                    }
                }
            } finally {
                JniUtils.setNumThreads(threads);
            }
        }
    }

    /** The features of a batch: half of it images that are always the same, from a place on, the others by a seed. */
    private static byte[][] rows(Network network, int shift, int seed) {
        int bytes = 64 * 64 * 3;
        byte[] pixels = new byte[PLACES * bytes];
        for (int image = 0; image < PLACES; image++) {
            byte[] one = new byte[bytes];
            new Random(image < PLACES / 2 ? image : 1000L * seed + image).nextBytes(one);
            System.arraycopy(one, 0, pixels, (image + shift) % PLACES * bytes, bytes);
        }
        try (NDManager scope = network.scope()) {
            NDArray batch = scope.create(ByteBuffer.wrap(pixels), new Shape(PLACES, 64, 64, 3), DataType.UINT8);
            ByteBuffer features = network.features(batch, false).toByteBuffer();
            byte[][] rows = new byte[PLACES][features.remaining() / PLACES];
            for (byte[] row : rows) {
                features.get(row);
            }
            return rows;
        }
    }

    @Test
    void int8WithoutRangesRunsInAnotherPrecisionAndSaysSo() {
        NetworkOptions int8 = FastNetworks.options(Architecture.RESNET50, Precision.INT8);
        Precision instead = FastPages.available(Architecture.RESNET50, Precision.BF16, Device.cpu())
                ? Precision.BF16
                : Precision.FP32;
        try (Network network = Network.frozen(int8, WEIGHTS, null)) {
            assertThat(network.precision()).isEqualTo(instead);
            assertThat(network.weightBytes())
                    .isBetween(23_000_000L * 2, 24_000_000L * (instead == Precision.BF16 ? 2 : 4));
        }
    }

    @Test
    void aFrozenNetworkTrainsItsHeadAndHasNothingElse() {
        try (Network network =
                        Network.frozen(FastNetworks.options(Architecture.RESNET50, Precision.FP32), WEIGHTS, null);
                NDManager batch = network.scope()) {
            network.trains(Trainable.HEAD);
            NDArray labels = batch.create(HashedNumbers.labels("labels", Golden.BATCH, Golden.CLASSES));
            NDArray features = network.features(Golden.pixels(batch, 0), false);
            try (GradientCollector collector = network.gradients()) {
                collector.backward(network.crossEntropy(network.head(features), labels, 0));
            }
            assertThat(network.gradient("fc.weight", batch).abs().sum().getFloat())
                    .isPositive();
            assertThat(network.tensors().keySet()).containsExactlyInAnyOrder("fc.weight", "fc.bias");
            assertThatThrownBy(() -> network.trains(Trainable.LAYER4)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> network.features(Golden.pixels(batch, 0), true))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void theArticlesCnnHasNoFastPageAndRunsInFp32() {
        StateDict weights = HashedNumbers.weights(Architecture.CNN, Golden.CLASSES, Golden.SIZE);
        try (Network network = Network.frozen(FastNetworks.options(Architecture.CNN, Precision.INT8), weights, null)) {
            assertThat(network.precision()).isEqualTo(Precision.FP32);
            assertThat(FastPages.available(Architecture.CNN, Precision.FP32, Device.cpu()))
                    .isFalse();
        }
    }

    @Test
    void aPageWithAMissingOperatorIsNotUsed() {
        byte[] page = PageArchive.of("Missing", "missing", List.of(), Map.of("training", false));
        assertThat(FastPages.succeeds(Precision.FP32, page)).isFalse();
    }

    @Test
    void aPageThatComputesSomethingElseIsNotUsed() {
        assertThat(FastPages.succeeds(Precision.FP32, Pages.fast(FastPages.BLOCKS, Precision.BF16)))
                .as("bf16 for fp32")
                .isFalse();
    }

    @Test
    void aGpuUsesThePlainPage() {
        assertThat(Precision.values())
                .noneMatch(precision -> FastPages.available(Architecture.RESNET50, precision, Device.gpu()));
        assertThat(FastPages.fasterThanFp32(Device.gpu())).doesNotContain(Precision.FP32, Precision.INT8);
    }
}
