package io.github.finetide.inference.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.ClassActivationMap;
import io.github.finetide.network.ClassActivation;
import io.github.finetide.network.Layout;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;

/** The last layer of a model: {@code features [n, featureCount] -> logits [n, classes]}, fp32. */
final class LinearHead implements Backbone.Head, AutoCloseable {
    private final NDManager owner;
    private final NDArray transposed;
    private final NDArray bias;
    private final long bytes;

    private LinearHead(NDManager owner, NDArray weight, NDArray bias) {
        this.owner = owner;
        this.transposed = weight.transpose();
        this.bias = bias;
        this.bytes = (weight.size() + bias.size()) * Float.BYTES;
    }

    /** @param owner closed with this head */
    static LinearHead of(NDManager owner, Layout layout, StateDict weights) {
        TensorData weight = named(layout, weights, ".weight");
        TensorData bias = named(layout, weights, ".bias");
        return new LinearHead(owner, create(owner, weight), create(owner, bias));
    }

    private static TensorData named(Layout layout, StateDict weights, String suffix) {
        String name = layout.head().stream()
                .filter(tensor -> tensor.endsWith(suffix))
                .findFirst()
                .orElseThrow();
        return weights.get(name);
    }

    private static NDArray create(NDManager owner, TensorData tensor) {
        return owner.create(tensor.bytes(), new Shape(tensor.shape()), DataType.FLOAT32);
    }

    NDArray logits(NDArray features) {
        return features.matMul(transposed).addi(bias);
    }

    /**
     * Computes where the network saw a class.
     *
     * @param maps fp32 {@code [1, channels, height, width]}, whose mean over places the features are; or all of whose
     *     values are, channel by channel
     */
    ClassActivationMap map(int classId, NDArray maps) {
        return ClassActivation.of(classId, transposed.get(":, " + classId).toFloatArray(), maps);
    }

    long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        owner.close();
    }
}
