package io.github.finetide.deploy.bench;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Calibration;
import io.github.finetide.network.InitialWeights;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.network.weights.StartingWeights;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** ResNet152 in each precision, with the same weights. */
final class PeerNetworks {
    /** Of the square images, in pixels. */
    static final int EDGE = 256;

    /** As many as the article's data set has. */
    static final int CLASSES = 20;

    private static final int CALIBRATION_BATCH = 8;

    private final Path weights;
    private final Map<Precision, Network> opened = new EnumMap<>(Precision.class);

    PeerNetworks(Path weights) {
        this.weights = weights;
    }

    /** Writes the file of weights: those a job would name so, with a new head. */
    Answer draw(String name, Path cache) {
        try {
            StateDict backbone = new StartingWeights(cache, (uri, target) -> {
                        throw new UnsupportedOperationException("the bench reads no weights from " + uri);
                    })
                    .resolve(name, Architecture.RESNET152)
                    .dict();
            StateDict head = InitialWeights.head(Architecture.RESNET152, CLASSES, EDGE, 1);
            Files.deleteIfExists(weights);
            SafeTensors.write(weights, backbone.without(head.names()).with(head));
            return Answer.of(0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** From bytes to probabilities, as an inference worker runs it: seconds of each time. */
    Answer forward(Precision precision, int batch, int times) {
        byte[] images = new byte[batch * EDGE * EDGE * 3];
        new Random(1).nextBytes(images);
        Network network = network(precision);
        double[] seconds = new double[times];
        for (int i = 0; i < times; i++) {
            long began = System.nanoTime();
            try (NDManager scope = network.scope()) {
                NDArray logits = network.forward(pixels(scope, batch, images), false);
                network.probabilities(logits).toFloatArray();
            }
            seconds[i] = (System.nanoTime() - began) / 1e9;
        }
        return Answer.of(seconds);
    }

    /** Logits of the image that all contestants are asked for. */
    Answer logits(Precision precision) {
        byte[] image = new byte[EDGE * EDGE * 3];
        for (int i = 0; i < image.length; i++) {
            image[i] = (byte) (i * 31 + i / 97);
        }
        Network network = network(precision);
        try (NDManager scope = network.scope()) {
            float[] logits = network.forward(pixels(scope, 1, image), false).toFloatArray();
            double[] wide = new double[logits.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = logits[i];
            }
            return Answer.of(wide);
        }
    }

    private static NDArray pixels(NDManager scope, int batch, byte[] images) {
        ByteBuffer direct = scope.allocateDirect(images.length).put(images).flip();
        return scope.create(direct, new Shape(batch, EDGE, EDGE, 3), DataType.UINT8);
    }

    /** As an inference worker opens it. */
    private Network network(Precision precision) {
        Network known = opened.get(precision);
        if (known != null) {
            return known;
        }
        NetworkOptions options = new NetworkOptions(Architecture.RESNET152, precision, Device.cpu());
        StateDict dict = read();
        Network network = Network.frozen(options, dict, precision == Precision.INT8 ? ranges(options, dict) : null);
        if (network.precision() != precision) {
            network.close();
            throw new UnsupportedOperationException(precision.wire() + " is not fast on this processor");
        }
        opened.put(precision, network);
        return network;
    }

    private StateDict read() {
        try {
            return SafeTensors.read(weights);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static @Nullable ActivationRanges ranges(NetworkOptions options, StateDict dict) {
        Optional<Calibration> calibration = Calibration.open(options, dict);
        if (calibration.isEmpty()) {
            return null;
        }
        byte[] images = new byte[CALIBRATION_BATCH * EDGE * EDGE * 3];
        new Random(2).nextBytes(images);
        try (Calibration open = calibration.get();
                NDManager scope = open.scope()) {
            open.observe(pixels(scope, CALIBRATION_BATCH, images));
            return open.ranges();
        }
    }
}
