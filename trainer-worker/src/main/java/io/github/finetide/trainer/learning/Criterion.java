package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.network.Network;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The loss of training and validation: {@code nn.CrossEntropyLoss(weight=..., label_smoothing=...)}. */
final class Criterion {
    private final Network network;
    private final double labelSmoothing;
    private final double @Nullable [] classWeights;
    private final @Nullable NDArray weight;

    /**
     * @param classWeights by class; null where all count alike
     * @param memory owns them on the network's device
     */
    Criterion(Network network, double labelSmoothing, double @Nullable [] classWeights, NDManager memory) {
        this.network = network;
        this.labelSmoothing = labelSmoothing;
        this.classWeights = classWeights;
        this.weight = classWeights == null ? null : onDevice(network, classWeights, memory);
    }

    private static NDArray onDevice(Network network, double[] values, NDManager memory) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        try (NDManager host = network.hostScope()) {
            return network.onDevice(host.create(floats), memory);
        }
    }

    /** Computes a scalar of logits {@code [n, classes]} and labels int64 {@code [n]}. */
    NDArray of(NDArray logits, NDArray labels) {
        return weight == null
                ? network.crossEntropy(logits, labels, labelSmoothing)
                : network.weightedCrossEntropy(logits, labels, labelSmoothing, weight);
    }

    boolean countsNothing(int[] labels) {
        double[] weights = classWeights;
        return weights != null && Arrays.stream(labels).allMatch(label -> weights[label] == 0);
    }
}
