package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.tensor.HashedNumbers;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Whatever may change the bits of a row is in the name under which the store has it. */
class BackboneKeyTest {
    private static final StateDict WEIGHTS = HashedNumbers.weights(Architecture.CNN, 5, 32);

    @Test
    void headIsNoPartOfTheName() {
        StateDict otherHead = WEIGHTS.without(Layout.of(Architecture.CNN, 5, 32).head())
                .with(InitialWeights.head(Architecture.CNN, 7, 32, 3));

        assertThat(key(Precision.FP32, otherHead, null)).isEqualTo(key(Precision.FP32, WEIGHTS, null));
    }

    @Test
    void backboneAndPrecisionAre() {
        String name = Layout.of(Architecture.CNN, 5, 32).backbone().iterator().next();
        TensorData tensor = WEIGHTS.get(name);
        StateDict other = WEIGHTS.with(
                StateDict.of(List.of(TensorData.of(name, tensor.shape(), new float[(int) tensor.count()]))));

        assertThat(key(Precision.BF16, WEIGHTS, null)).isNotEqualTo(key(Precision.FP32, WEIGHTS, null));
        assertThat(key(Precision.FP32, WEIGHTS, null)).startsWith("cnn-fp32-");
        assertThat(key(Precision.FP32, other, null)).isNotEqualTo(key(Precision.FP32, WEIGHTS, null));
    }

    @Test
    void rangesOfInt8Are() {
        Map<String, Double> ranges = new HashMap<>(Map.of("a", 1.0, "b", 2.0));
        String first = key(Precision.INT8, WEIGHTS, ActivationRanges.of(ranges));
        assertThat(key(Precision.INT8, WEIGHTS, ActivationRanges.of(Map.of("b", 2.0, "a", 1.0))))
                .isEqualTo(first);
        ranges.put("b", Math.nextUp(2f) * 1.0);

        assertThat(key(Precision.INT8, WEIGHTS, ActivationRanges.of(ranges))).isNotEqualTo(first);
        assertThat(ActivationRanges.of(ranges).numbers()).isEqualTo(ranges);
    }

    private static String key(Precision precision, StateDict weights, @Nullable ActivationRanges ranges) {
        return BackboneKey.of(new NetworkOptions(Architecture.CNN, precision, Device.cpu()), weights, ranges);
    }
}
