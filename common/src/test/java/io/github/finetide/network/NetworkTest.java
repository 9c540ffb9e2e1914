package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Trainable;
import io.github.finetide.tensor.HashedNumbers;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class NetworkTest {
    @ParameterizedTest
    @EnumSource(names = {"CNN", "RESNET50"})
    void logitsEqualPyTorchsInBothModesOfBatchNorm(Architecture architecture) throws IOException {
        Golden golden = new Golden(architecture);
        try (Network network = golden.open()) {
            golden.checkForward(network);
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradientsOfCnnEqualPyTorchs(Trainable trainable) throws IOException {
        Golden golden = new Golden(Architecture.CNN);
        golden.checkGradients(trainable, true, 0);
        golden.checkGradients(trainable, false, 0.1);
    }

    @Test
    void theLossWithoutACollectorIsThatWithOne() throws IOException {
        try (Network network = new Golden(Architecture.CNN).open();
                NDManager batch = network.scope()) {
            network.trains(Trainable.ALL);
            NDArray labels = batch.create(HashedNumbers.labels("labels", Golden.BATCH, Golden.CLASSES));
            NDArray logits = network.forward(Golden.pixels(batch, 0), false);
            float loss = network.crossEntropy(logits, labels, 0).getFloat();
            try (GradientCollector collector = network.gradients()) {
                NDArray collected = network.forward(Golden.pixels(batch, 0), false);
                NDArray mean = network.crossEntropy(collected, labels, 0);
                collector.backward(mean);
                assertThat(mean.getFloat()).isEqualTo(loss);
            }
            NDArray rows = network.probabilities(logits).sum(new int[] {1});
            assertThat(rows.toFloatArray()).hasSize(Golden.BATCH);
            assertThat(rows.sub(1).abs().max().getFloat()).isLessThan(1e-5f);
        }
    }

    @Test
    void gradientsAddUpUntilTheyAreZeroed() throws IOException {
        try (Network network = new Golden(Architecture.CNN).open();
                NDManager batch = network.scope()) {
            network.trains(Trainable.HEAD);
            float once = gradientAfterOneMoreBatch(network, batch);
            assertThat(gradientAfterOneMoreBatch(network, batch)).isCloseTo(2 * once, Percentage.withPercentage(0.01));
            network.zeroGradients();
            assertThat(gradientAfterOneMoreBatch(network, batch)).isEqualTo(once);
        }
    }

    @Test
    void parametersCanBeUpdatedInPlaceOnAThreadOfTheirOwn() throws Exception {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            float moved = thread.submit(() -> {
                        try (Network network = new Golden(Architecture.CNN).open();
                                NDManager batch = network.scope()) {
                            network.trains(Trainable.ALL);
                            gradientAfterOneMoreBatch(network, batch);
                            NDArray bias = network.tensor("out.bias");
                            float before = bias.sum().getFloat();
                            bias.addi(1);
                            return bias.sum().getFloat() - before;
                        }
                    })
                    .get();
            assertThat(moved).isCloseTo(Golden.CLASSES, Percentage.withPercentage(0.01));
        } finally {
            thread.shutdown();
        }
    }

    private static float gradientAfterOneMoreBatch(Network network, NDManager batch) {
        NDArray labels = batch.create(HashedNumbers.labels("labels", Golden.BATCH, Golden.CLASSES));
        try (GradientCollector collector = network.gradients()) {
            collector.backward(network.crossEntropy(network.forward(Golden.pixels(batch, 0), false), labels, 0));
        }
        return network.gradient("out.weight", batch).abs().sum().getFloat();
    }

    @Test
    void bf16LogitsStayNearThoseOfFp32() throws IOException {
        StateDict weights = HashedNumbers.weights(Architecture.RESNET50, Golden.CLASSES, Golden.SIZE);
        NetworkOptions bf16 = new NetworkOptions(Architecture.RESNET50, Precision.BF16, Device.cpu());
        try (Network network = Network.open(bf16, weights)) {
            new Golden(Architecture.RESNET50).checkLogits("running", 0.05, Golden.logits(network, 0, false));
        }
    }

    @Test
    void tensorsWrittenAreUsedByTheNextBatch() throws IOException {
        Golden golden = new Golden(Architecture.RESNET50);
        try (Network network = golden.open()) {
            float[] before = Golden.logits(network, 0, false);
            StateDict mean = network.snapshot(List.of("bn1.running_mean", "layer1.0.conv1.weight"));
            network.load(StateDict.of(List.of(TensorData.of("bn1.running_mean", new long[] {64}, new float[64]))));
            assertThat(Golden.logits(network, 0, false)).isNotEqualTo(before);
            network.load(mean);
            assertThat(Golden.logits(network, 0, false)).isEqualTo(before);
        }
    }

    @Test
    void misshapenWeightsAreRefused() {
        StateDict weights = HashedNumbers.weights(Architecture.CNN, 3, 8)
                .with(StateDict.of(List.of(TensorData.of("out.bias", new long[] {4}, 1, 2, 3, 4))));
        assertThatThrownBy(() -> Network.open(NetworkOptions.of(Architecture.CNN), weights))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("out.bias is [4], not [3]");
    }

    @Test
    void pixelsOfAnotherShapeAreRefused() throws IOException {
        try (Network network = new Golden(Architecture.CNN).open();
                NDManager batch = network.scope()) {
            NDArray floats = batch.zeros(new Shape(1, 3, 64, 64));
            assertThatThrownBy(() -> network.features(floats, false))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("pixels must be uint8 [n, height, width, 3]");
        }
    }
}
