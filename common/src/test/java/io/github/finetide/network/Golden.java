package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Trainable;
import io.github.finetide.tensor.HashedNumbers;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Compares a network with what PyTorch computed from the same weights and images: see {@code
 * network_golden.py}, which writes the files.
 */
public final class Golden {
    static final int CLASSES = 20;
    static final int SIZE = 64;
    static final int BATCH = 8;

    /** Relative to the largest logit: what two builds of libtorch may round differently. */
    private static final double LOGITS = 1e-5;

    /**
     * The same by batch statistics of resnet152. The last stage's are of 32 values here, and each of 50 blocks amplifies
     * what rounding moved: PyTorch's own logits in single precision are 1.0e-5 off those in double precision, and with
     * its other convolutions 1.6e-5 off; here they were 2e-5 off.
     */
    private static final double DEEP_BATCH_LOGITS = 4e-5;

    /** Relative to a running statistic's norm. */
    private static final double STATISTICS = 1e-5;

    /**
     * Relative to a gradient's norm. A ReLU whose input is within rounding of 0 passes its gradient on one
     * processor and stops it on another: one such moved a norm by 4e-3, without any 1e-6 is usual.
     */
    private static final double GRADIENTS = 1e-2;

    private final StateDict golden;
    private final Architecture architecture;

    Golden(Architecture architecture) throws IOException {
        this.architecture = architecture;
        golden = SafeTensors.read(resource(architecture.wire() + ".golden.safetensors"));
    }

    public static Path resource(String name) throws IOException {
        URL url = Objects.requireNonNull(Golden.class.getResource(name), name);
        try {
            return Path.of(url.toURI());
        } catch (URISyntaxException impossible) {
            throw new IOException(impossible);
        }
    }

    Network open() {
        return Network.open(NetworkOptions.of(architecture), HashedNumbers.weights(architecture, CLASSES, SIZE));
    }

    static NDArray pixels(NDManager batch, int step) {
        return images(batch, HashedNumbers.pixels("batch" + step, BATCH, SIZE), BATCH, SIZE);
    }

    static NDArray images(NDManager batch, ByteBuffer pixels, int n, int size) {
        return batch.create(pixels, new Shape(n, size, size, 3), DataType.UINT8);
    }

    static float[] logits(Network network, int step, boolean batchStatistics) {
        try (NDManager batch = network.scope()) {
            return network.forward(pixels(batch, step), batchStatistics).toFloatArray();
        }
    }

    /** Checks logits by running statistics, by batch statistics thrice, and by what those left. */
    void checkForward(Network network) {
        checkLogits("running", LOGITS, logits(network, 0, false));
        float[] logits = {};
        for (int step = 0; step < 3; step++) {
            logits = logits(network, step, true);
        }
        checkLogits("batch", architecture == Architecture.RESNET152 ? DEEP_BATCH_LOGITS : LOGITS, logits);
        checkLogits("after", LOGITS, logits(network, 3, false));
        if (architecture != Architecture.CNN) {
            checkStatistics(network);
        }
    }

    void checkLogits(String name, double tolerance, float... logits) {
        float[] expected = floats(name);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - logits[i]));
        }
        assertThat(difference / largest).as(architecture.wire() + " " + name).isLessThanOrEqualTo(tolerance);
    }

    /** Checks the running statistics and batch counts after three batches. */
    private void checkStatistics(Network network) {
        List<String> statistics = network.layout().runningStatistics().stream()
                .filter(name -> !Layout.isBatchCount(name))
                .toList();
        checkDigests("statistics", network.snapshot(statistics), STATISTICS);
        for (TensorData count :
                network.snapshot(network.layout().runningStatistics()).tensors()) {
            if (Layout.isBatchCount(count.name())) {
                assertThat(count.bytes().getLong()).as(count.name()).isEqualTo(3);
            }
        }
    }

    void checkGradients(Trainable trainable, boolean update, double smoothing) throws IOException {
        try (Network network = open();
                NDManager batch = network.scope()) {
            network.trains(trainable);
            float loss;
            try (GradientCollector collector = network.gradients()) {
                NDArray labels = batch.create(HashedNumbers.labels("labels", BATCH, CLASSES));
                NDArray mean = network.crossEntropy(network.forward(pixels(batch, 0), update), labels, smoothing);
                collector.backward(mean);
                loss = mean.getFloat();
            }
            String key = trainable.wire() + (update ? ".update" : ".frozen");
            assertThat(loss / floats(key + ".loss")[0]).as(key).isBetween(1 - 1e-5f, 1 + 1e-5f);
            checkDigests(key + ".gradients", gradients(network, batch), GRADIENTS);
        }
    }

    private static StateDict gradients(Network network, NDManager batch) {
        List<TensorData> gradients = new ArrayList<>();
        network.trained().keySet().forEach(name -> gradients.add(Tensors.read(name, network.gradient(name, batch))));
        return StateDict.of(gradients);
    }

    private void checkDigests(String key, StateDict tensors, double tolerance) {
        TensorData expected = golden.get(key);
        assertThat(expected.shape()).containsExactly(tensors.names().size(), 2);
        int at = 0;
        double worst = 0;
        for (TensorData tensor : tensors.tensors()) {
            double norm = expected.bytes().getDouble(at);
            double product = expected.bytes().getDouble(at + Double.BYTES);
            double[] digest = digest(tensor);
            worst = Math.max(worst, Math.max(Math.abs(digest[0] - norm), Math.abs(digest[1] - product)) / norm);
            at += 2 * Double.BYTES;
        }
        assertThat(worst).as(architecture.wire() + " " + key).isLessThanOrEqualTo(tolerance);
    }

    /** A tensor's norm, and its product with a vector of signs that follows from its name. */
    private static double[] digest(TensorData tensor) {
        long seed = HashedNumbers.seed("digest." + tensor.name());
        float[] values = floats(tensor);
        double squares = 0;
        double product = 0;
        for (int i = 0; i < values.length; i++) {
            squares += (double) values[i] * values[i];
            product += HashedNumbers.at(seed, i) < 0.5 ? -values[i] : values[i];
        }
        return new double[] {Math.sqrt(squares), product};
    }

    private float[] floats(String name) {
        return floats(golden.get(name));
    }

    public static float[] floats(TensorData tensor) {
        float[] values = new float[Math.toIntExact(tensor.count())];
        tensor.bytes().asFloatBuffer().get(values);
        return values;
    }
}
