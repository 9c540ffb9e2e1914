package io.github.finetide.network;

import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.nio.FloatBuffer;
import java.util.Optional;

/**
 * Looks for what no tensor of a network may hold. Training and serving would turn it into other wrong numbers: a fused
 * ReLU makes a NaN 0.
 */
public final class FiniteNumbers {
    private FiniteNumbers() {}

    /** Returns the first fp32 tensor that holds NaN, infinity or a negative variance, and which; empty if none does. */
    public static Optional<String> fault(StateDict tensors) {
        return tensors.tensors().stream()
                .map(FiniteNumbers::fault)
                .flatMap(Optional::stream)
                .findFirst();
    }

    static Optional<String> fault(TensorData tensor) {
        if (tensor.type() != ElementType.F32) {
            return Optional.empty();
        }
        boolean isVariance = tensor.name().endsWith(".running_var");
        FloatBuffer values = tensor.bytes().asFloatBuffer();
        while (values.hasRemaining()) {
            float value = values.get();
            if (!Float.isFinite(value)) {
                return Optional.of(tensor + " holds " + value);
            } else if (isVariance && value < 0) {
                return Optional.of(tensor + " holds " + value + ", and a variance is not negative");
            }
        }
        return Optional.empty();
    }
}
