package io.github.finetide.network;

import static io.github.finetide.network.PageArchive.NO_TENSORS;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Chooses the page for an architecture and a precision: the one place that knows which there are. */
final class Pages {
    private static final List<String> LIBRARIES = List.of("pixels", "losses");

    /** PyTorch's default: the share of a new batch in a running statistic. */
    private static final double BATCH_NORM_MOMENTUM = 0.1;

    private Pages() {}

    static byte[] archive(NetworkOptions options) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("training", false);
        attributes.put("dtype", scalarType(options.precision()));
        attributes.put("first_trained", 5);
        attributes.put("weights", NO_TENSORS);
        if (options.architecture() == Architecture.CNN) {
            return PageArchive.of("CNN", "cnn", LIBRARIES, attributes);
        }
        attributes.put("momentum", BATCH_NORM_MOMENTUM);
        attributes.put("blocks", Layout.blocks(options.architecture()));
        attributes.put("folded", NO_TENSORS);
        return PageArchive.of("ResNet", "resnet", LIBRARIES, attributes);
    }

    /** Returns the number of {@code c10::ScalarType}. */
    private static int scalarType(Precision precision) {
        return switch (precision) {
            case FP32 -> 6;
            case BF16 -> 15;
            case INT8 -> throw new FaultException(ErrorKind.INVALID, "precision: \"int8\" has no page yet");
        };
    }
}
