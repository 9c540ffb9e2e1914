package io.github.finetide.deploy.onnx;

import static io.github.finetide.deploy.onnx.OnnxGraph.attribute;

import io.github.finetide.network.Layout;
import io.github.finetide.tensor.StateDict;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The blocks of a residual network with weights and activations in int8, as the page {@code resnet_int8.py} has them, in
 * pairs of QuantizeLinear and DequantizeLinear that runtimes fuse into the convolutions between them. Weights have a step
 * for each output channel, activations one each, from the ranges that the job measured.
 *
 * <p>See RATIONALE.md, Why does an int8 export round once more than a worker?
 */
final class Int8ResNet {
    private static final int LEVELS = 255;

    private final OnnxGraph graph;
    private final Layout layout;
    private final StateDict weights;
    private final Map<String, Float> maxima;

    /** @param maxima of the activations, by the layers they come from */
    Int8ResNet(OnnxGraph graph, Layout layout, StateDict weights, Map<String, Float> maxima) {
        this.graph = graph;
        this.layout = layout;
        this.weights = weights;
        this.maxima = maxima;
    }

    /** An activation in uint8: value = (byte - zero) * step. */
    private record Steps(double step, int zero) {
        /** From {@code lowest} (0 or less) to {@code highest}. */
        static Steps between(double lowest, double highest) {
            double step = Math.max((highest - lowest) / LEVELS, Float.MIN_NORMAL);
            return new Steps(step, (int) Math.rint(-lowest / step));
        }
    }

    private record Activation(String name, Steps steps, double maximum) {}

    /**
     * From the stem's activation, after its ReLU and before the pooling, to the last block's.
     *
     * @param stem fp32 {@code [batch, 64, size / 2, size / 2]}
     * @param pool adds the pooling behind an activation
     */
    String add(String stem, UnaryOperator<String> pool) {
        Activation x = positive(stem, "conv1");
        x = new Activation(rounded(pool.apply(x.name()), "pooled", x.steps()), x.steps(), x.maximum());
        for (int stage = 1; stage <= OnnxNetwork.STAGES; stage++) {
            for (int block = 0; has("layer" + stage + "." + block + ".conv1"); block++) {
                x = bottleneck(x, "layer" + stage + "." + block, stage > 1 && block == 0 ? 2 : 1);
            }
        }
        return x.name();
    }

    private boolean has(String layer) {
        return layout.shapes().containsKey(layer + ".weight");
    }

    private Activation bottleneck(Activation input, String name, int stride) {
        Activation x =
                positive(relu(name + ".relu1", convolution(input, name + ".conv1", name + ".bn1", 1)), name + ".conv1");
        x = positive(relu(name + ".relu2", convolution(x, name + ".conv2", name + ".bn2", stride)), name + ".conv2");
        double highest = maximum(name);
        Activation shortcut = input;
        double below = 0;
        if (has(name + ".downsample.0")) {
            below = maximum(name + ".downsample.0");
            Steps steps = Steps.between(-below, below);
            String plain = convolution(input, name + ".downsample.0", name + ".downsample.1", stride);
            shortcut = new Activation(rounded(plain, name + ".downsample.0", steps), steps, below);
        }
        // What is cut off here the ReLU or the range of the sum would cut off, too.
        Steps summand = Steps.between(-shortcut.maximum(), highest + below);
        String last = rounded(convolution(x, name + ".conv3", name + ".bn3", 1), name + ".conv3", summand);
        String sum = graph.node("Add", name + ".sum", List.of(last, shortcut.name()));
        return positive(relu(name + ".relu3", sum), name);
    }

    private double maximum(String layer) {
        Float maximum = maxima.get(layer);
        if (maximum == null) {
            throw new IllegalArgumentException("no range was measured for " + layer);
        }
        return maximum;
    }

    private Activation positive(String value, String layer) {
        Steps steps = Steps.between(0, maximum(layer));
        return new Activation(rounded(value, layer, steps), steps, maximum(layer));
    }

    private String relu(String name, String value) {
        return graph.node("Relu", name, List.of(value));
    }

    /** Through uint8 and back. */
    private String rounded(String value, String name, Steps steps) {
        String step = scalar(name + ".step", steps.step());
        String zero = graph.constant(
                name + ".zero", OnnxGraph.Type.UINT8, new long[0], 1, () -> new byte[] {(byte) steps.zero()});
        String bytes = graph.node("QuantizeLinear", name + ".bytes", List.of(value, step, zero));
        return graph.node("DequantizeLinear", name + ".rounded", List.of(bytes, step, zero));
    }

    private String scalar(String name, double value) {
        return graph.constant(name, OnnxGraph.Type.FLOAT, new long[0], Float.BYTES, () -> Convolution.floats(value));
    }

    private String convolution(Activation input, String name, String batchNorm, int stride) {
        Convolution convolution = Convolution.folded(weights, name, batchNorm);
        double[] steps = convolution.steps();
        double inputStep = input.steps().step();
        return OnnxNetwork.convolution(
                graph,
                name,
                List.of(
                        input.name(),
                        int8Weight(name, convolution, steps),
                        int32Bias(name, convolution, inputStep, steps)),
                convolution.edge(),
                stride);
    }

    private String int8Weight(String name, Convolution convolution, double[] steps) {
        String bytes = graph.constant(
                name + ".weight.bytes",
                OnnxGraph.Type.INT8,
                convolution.weight().shape(),
                convolution.weight().count(),
                () -> convolution.int8WeightBytes(steps));
        String step = perChannel(name + ".weight.step", steps);
        String zero = graph.constant(
                name + ".weight.zero",
                OnnxGraph.Type.INT8,
                new long[] {steps.length},
                steps.length,
                () -> new byte[steps.length]);
        return graph.node("DequantizeLinear", name + ".weight", List.of(bytes, step, zero), attribute("axis", 0));
    }

    private String int32Bias(String name, Convolution convolution, double inputStep, double[] steps) {
        double[] products = new double[steps.length];
        for (int i = 0; i < steps.length; i++) {
            products[i] = inputStep * steps[i];
        }
        long bytes = (long) steps.length * Integer.BYTES;
        String sums = graph.constant(
                name + ".bias.sums",
                OnnxGraph.Type.INT32,
                new long[] {steps.length},
                bytes,
                () -> convolution.int32BiasBytes(inputStep, steps));
        String step = perChannel(name + ".bias.step", products);
        String zero = graph.constant(
                name + ".bias.zero",
                OnnxGraph.Type.INT32,
                new long[] {steps.length},
                bytes,
                () -> new byte[(int) bytes]);
        return graph.node("DequantizeLinear", name + ".bias", List.of(sums, step, zero), attribute("axis", 0));
    }

    private String perChannel(String name, double[] values) {
        long bytes = (long) values.length * Float.BYTES;
        return graph.constant(
                name, OnnxGraph.Type.FLOAT, new long[] {values.length}, bytes, () -> Convolution.floats(values));
    }
}
