package io.github.finetide.deploy.onnx;

import static io.github.finetide.deploy.onnx.OnnxGraph.attribute;

import io.github.finetide.message.Architecture;
import io.github.finetide.network.Layout;
import io.github.finetide.store.RecordedPreprocessing;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.List;
import java.util.Map;

/** Writes a network's operators in the order of computation: the pages {@code resnet.py} and {@code cnn.py} in ONNX. */
final class OnnxNetwork {
    static final String INPUT = "input";
    static final String OUTPUT = "logits";

    static final int STAGES = 4;

    private static final double BYTE = 255;

    private final OnnxGraph graph;
    private final Layout layout;
    private final StateDict weights;
    private final Map<String, Float> maxima;

    /** @param maxima of the activations, for int8; empty for fp32 */
    OnnxNetwork(OnnxGraph graph, Layout layout, StateDict weights, Map<String, Float> maxima) {
        this.maxima = maxima;
        this.graph = graph;
        this.layout = layout;
        this.weights = weights;
    }

    /**
     * From images to logits, {@code [batch, classes]}.
     *
     * @param input {@code [batch, 3, size, size]}: normalised, or bytes of red, green, blue
     */
    void add(RecordedPreprocessing preprocessing, OnnxInput input) {
        long size = preprocessing.imageSize();
        String x = graph.input(
                INPUT, input == OnnxInput.UINT8 ? OnnxGraph.Type.UINT8 : OnnxGraph.Type.FLOAT, 3, size, size);
        if (input == OnnxInput.UINT8) {
            x = normalised(x, preprocessing);
        }
        x = layout.architecture() == Architecture.CNN ? cnn(x) : resnet(x);
        head(x);
        graph.output(OUTPUT, OnnxGraph.Type.FLOAT, layout.classes());
    }

    /** (pixel / 255 - mean) / std, as one product and one sum. */
    private String normalised(String pixels, RecordedPreprocessing preprocessing) {
        double[] factor = new double[3];
        double[] offset = new double[3];
        for (int c = 0; c < 3; c++) {
            factor[c] = 1 / (BYTE * preprocessing.std().get(c));
            offset[c] = -preprocessing.mean().get(c) / preprocessing.std().get(c);
        }
        String x = graph.node("Cast", "pixels", List.of(pixels), attribute("to", OnnxGraph.Type.FLOAT.number()));
        x = graph.node("Mul", "scaled", List.of(x, ofEachColor("factor", factor)));
        return graph.node("Add", "normalised", List.of(x, ofEachColor("offset", offset)));
    }

    private String ofEachColor(String name, double... values) {
        return graph.constant(
                name,
                OnnxGraph.Type.FLOAT,
                new long[] {1, values.length, 1, 1},
                (long) values.length * Float.BYTES,
                () -> Convolution.floats(values));
    }

    private String resnet(String input) {
        String x = relu("relu", folded(input, "conv1", "bn1", 2));
        if (!maxima.isEmpty()) {
            x = new Int8ResNet(graph, layout, weights, maxima).add(x, stem -> maxPool("maxpool", stem, 3, 1));
            return graph.node("GlobalAveragePool", "avgpool", List.of(x));
        }
        x = maxPool("maxpool", x, 3, 1);
        for (int stage = 1; stage <= STAGES; stage++) {
            for (int block = 0; has("layer" + stage + "." + block); block++) {
                x = bottleneck(x, "layer" + stage + "." + block, stage > 1 && block == 0 ? 2 : 1);
            }
        }
        return graph.node("GlobalAveragePool", "avgpool", List.of(x));
    }

    private boolean has(String block) {
        return layout.shapes().containsKey(block + ".conv1.weight");
    }

    private String bottleneck(String input, String name, int stride) {
        String x = relu(name + ".relu1", folded(input, name + ".conv1", name + ".bn1", 1));
        x = relu(name + ".relu2", folded(x, name + ".conv2", name + ".bn2", stride));
        x = folded(x, name + ".conv3", name + ".bn3", 1);
        String shortcut = layout.shapes().containsKey(name + ".downsample.0.weight")
                ? folded(input, name + ".downsample.0", name + ".downsample.1", stride)
                : input;
        return relu(name, graph.node("Add", name + ".sum", List.of(x, shortcut)));
    }

    private String cnn(String input) {
        String x = relu("conv1.1", convolution(input, "conv1.0", Convolution.plain(weights, "conv1.0"), 1));
        x = maxPool("conv1.2", x, 2, 0);
        x = relu("conv2.1", convolution(x, "conv2.0", Convolution.plain(weights, "conv2.0"), 1));
        x = relu("conv2.3", convolution(x, "conv2.2", Convolution.plain(weights, "conv2.2"), 1));
        x = maxPool("conv2.4", x, 2, 0);
        return relu("conv3.1", convolution(x, "conv3.0", Convolution.plain(weights, "conv3.0"), 1));
    }

    private void head(String features) {
        String flat = graph.node("Flatten", "features", List.of(features), attribute("axis", 1));
        String weight = constant(weights.get(layout.headWeight()));
        String bias = constant(weights.get(layout.headBias()));
        graph.node("Gemm", OUTPUT, List.of(flat, weight, bias), attribute("transB", 1));
    }

    private String folded(String input, String name, String batchNorm, int stride) {
        return convolution(input, name, Convolution.folded(weights, name, batchNorm), stride);
    }

    /** With as much padding as keeps the size where there is no stride. */
    private String convolution(String input, String name, Convolution convolution, int stride) {
        String weight = graph.constant(
                name + ".weight",
                OnnxGraph.Type.FLOAT,
                convolution.weight().shape(),
                convolution.weightLength(),
                convolution::weightBytes);
        String bias = graph.constant(
                name + ".bias",
                OnnxGraph.Type.FLOAT,
                new long[] {convolution.bias().length},
                (long) convolution.bias().length * Float.BYTES,
                convolution::biasBytes);
        return convolution(graph, name, List.of(input, weight, bias), convolution.edge(), stride);
    }

    static String convolution(OnnxGraph graph, String name, List<String> inputs, long edge, int stride) {
        long padding = edge / 2;
        return graph.node(
                "Conv",
                name,
                inputs,
                attribute("kernel_shape", new long[] {edge, edge}),
                attribute("strides", new long[] {stride, stride}),
                attribute("pads", new long[] {padding, padding, padding, padding}));
    }

    private String relu(String name, String input) {
        return graph.node("Relu", name, List.of(input));
    }

    private String maxPool(String name, String input, long edge, long padding) {
        return graph.node(
                "MaxPool",
                name,
                List.of(input),
                attribute("kernel_shape", new long[] {edge, edge}),
                attribute("strides", new long[] {2, 2}),
                attribute("pads", new long[] {padding, padding, padding, padding}));
    }

    private String constant(TensorData tensor) {
        return graph.constant(tensor.name(), OnnxGraph.Type.FLOAT, tensor.shape(), tensor.count() * Float.BYTES, () -> {
            byte[] bytes = new byte[tensor.bytes().remaining()];
            tensor.bytes().get(bytes);
            return bytes;
        });
    }
}
