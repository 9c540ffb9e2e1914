package io.github.finetide.inference.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.ClassActivationMap;
import io.github.finetide.message.Precision;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Calibration;
import io.github.finetide.network.InitialWeights;
import io.github.finetide.network.Layout;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.network.RandomWeights;
import io.github.finetide.tensor.StateDict;
import java.nio.ByteBuffer;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Where the network saw a class: the mean of the map and the class's bias are the logit. */
class LinearHeadTest {
    private static final int CLASSES = 3;
    private static final int SIZE = 64;

    @ParameterizedTest
    @EnumSource(names = {"RESNET50", "CNN"})
    void theMapsMeanAndTheBiasAreTheLogit(Architecture architecture) {
        check(architecture, Precision.FP32, 1e-5);
    }

    /** Of what these precisions compute, whose mean over places is rounded as they round. */
    @ParameterizedTest
    @CsvSource({"BF16, 0.01", "INT8, 0.01"})
    void soAreTheyWhereTheNetworkRunsFaster(Precision precision, double tolerance) {
        check(Architecture.RESNET50, precision, tolerance);
    }

    private static void check(Architecture architecture, Precision precision, double tolerance) {
        Layout layout = Layout.of(architecture, CLASSES, SIZE);
        StateDict weights = RandomWeights.draw(architecture, 7)
                .without(layout.head())
                .with(InitialWeights.head(architecture, CLASSES, SIZE, 7));
        NetworkOptions options = new NetworkOptions(architecture, precision, Device.cpu());
        try (Network network = Network.frozen(options, weights, ranges(options, weights));
                NDManager scope = network.scope();
                LinearHead head = LinearHead.of(network.scope(), layout, weights)) {
            NDArray pixels = pixels(scope);
            float[] logits = head.logits(network.features(pixels, false)).toFloatArray();
            NDArray maps = network.maps(pixels);
            for (int c = 0; c < CLASSES; c++) {
                ClassActivationMap map = head.map(c, maps);
                double mean = map.values().stream()
                        .mapToDouble(value -> value)
                        .average()
                        .orElseThrow();
                float bias = weights.get(layout.headBias()).bytes().getFloat(c * Float.BYTES);
                assertThat(mean + bias).isCloseTo(logits[c], within(tolerance * Math.max(1, Math.abs(logits[c]))));
            }
        }
    }

    private static @Nullable ActivationRanges ranges(NetworkOptions options, StateDict weights) {
        if (options.precision() != Precision.INT8) {
            return null;
        }
        try (Calibration calibration = Calibration.open(options, weights).orElse(null)) {
            if (calibration == null) {
                return null; // not to be had here: the network runs in another precision
            }
            try (NDManager scope = calibration.scope()) {
                calibration.observe(pixels(scope));
                return calibration.ranges();
            }
        }
    }

    private static NDArray pixels(NDManager scope) {
        byte[] rgb = new byte[SIZE * SIZE * 3];
        new Random(5).nextBytes(rgb);
        return scope.create(ByteBuffer.wrap(rgb), new Shape(1, SIZE, SIZE, 3), DataType.UINT8);
    }
}
