package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Trainable;
import io.github.finetide.network.weights.ResolvedWeights;
import io.github.finetide.network.weights.StartingWeights;
import io.github.finetide.tensor.HashedNumbers;
import io.github.finetide.tensor.StateDict;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What takes seconds at the depth of a residual network. */
final class NetworkIT {
    @ParameterizedTest
    @EnumSource(names = {"RESNET101", "RESNET152"})
    void logitsEqualPyTorchsInBothModesOfBatchNorm(Architecture architecture) throws IOException {
        Golden golden = new Golden(architecture);
        try (Network network = golden.open()) {
            golden.checkForward(network);
        }
    }

    @Test
    void randomWeightsGiveFeaturesThatTellImagesApart(@TempDir Path cache) {
        StartingWeights weights = new StartingWeights(cache, (source, target) -> {});
        ResolvedWeights first = weights.resolve("random:3", Architecture.RESNET152);
        StateDict again = RandomWeights.draw(Architecture.RESNET152, 3);
        assertThat(again.differingFrom(first.dict()).names()).isEmpty();

        StateDict whole = first.dict().with(InitialWeights.head(Architecture.RESNET152, 20, 64, 3));
        try (Network network = Network.open(NetworkOptions.of(Architecture.RESNET152), whole);
                NDManager batch = network.scope()) {
            NDArray features = network.features(Golden.images(batch, SeededImages.draw(99, 8, 128), 8, 128), false);
            float mean = features.mean().getFloat();
            assertThat(mean).isBetween(0.1f, 10f);
            float apart =
                    features.sub(features.mean(new int[] {0})).abs().mean().getFloat();
            assertThat(apart / mean).isGreaterThan(0.02f);
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradientsOfResNetEqualPyTorchs(Trainable trainable) throws IOException {
        Golden golden = new Golden(Architecture.RESNET50);
        golden.checkGradients(trainable, true, 0);
        golden.checkGradients(trainable, false, 0.1);
    }

    @Test
    void nothingIsLeftOfABatchAfterItsScope() throws IOException {
        try (Network network = new Golden(Architecture.RESNET50).open()) {
            network.trains(Trainable.LAYER4);
            oneOfEach(network);
            int arrays = network.liveArrays();
            for (int i = 0; i < 3; i++) {
                oneOfEach(network);
            }
            assertThat(network.liveArrays()).isEqualTo(arrays);
        }
    }

    private static void oneOfEach(Network network) {
        gradients(network);
        try (NDManager batch = network.scope()) {
            network.probabilities(network.forward(Golden.pixels(batch, 1), false));
        }
        network.snapshot(network.layout().head());
    }

    private static void gradients(Network network) {
        try (NDManager batch = network.scope();
                GradientCollector collector = network.gradients()) {
            NDArray labels = batch.create(HashedNumbers.labels("labels", Golden.BATCH, Golden.CLASSES));
            collector.backward(network.crossEntropy(network.forward(Golden.pixels(batch, 0), true), labels, 0.1));
            network.trained().keySet().forEach(name -> network.gradient(name, batch));
        }
    }
}
