package io.github.finetide.network;

import static io.github.finetide.network.PageArchive.NO_NUMBERS;
import static io.github.finetide.network.PageArchive.NO_TENSORS;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Chooses the page for an architecture and a precision: the one place that knows which there are. */
final class Pages {
    private static final List<String> LIBRARIES = List.of("pixels", "folding", "losses");

    /** PyTorch's default: the share of a new batch in a running statistic. */
    private static final double BATCH_NORM_MOMENTUM = 0.1;

    /** 16 MB of activations: in the caches of a server's processor; four images of 256 pixels, eight in bf16. */
    private static final int PART_BYTES = 16 << 20;

    private Pages() {}

    /**
     * Returns the page that can do everything, on every device, but nothing in int8.
     *
     * @param precision FP32 or BF16
     */
    static byte[] plain(Architecture architecture, Precision precision) {
        return architecture == Architecture.CNN
                ? PageArchive.of("CNN", "cnn", LIBRARIES, attributes(precision))
                : plain(Layout.blocks(architecture), precision);
    }

    /** Returns the plain page of a residual network. */
    static byte[] plain(List<Integer> blocks, Precision precision) {
        Map<String, Object> attributes = attributes(precision);
        attributes.put("momentum", BATCH_NORM_MOMENTUM);
        attributes.put("blocks", blocks);
        attributes.put("folded", NO_TENSORS);
        attributes.put("held", NO_TENSORS);
        return PageArchive.of("ResNet", "resnet", LIBRARIES, attributes);
    }

    private static Map<String, Object> attributes(Precision precision) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("training", false);
        attributes.put("dtype", scalarType(precision));
        attributes.put("exact", false);
        attributes.put("first_trained", 5);
        attributes.put("weights", NO_TENSORS);
        return attributes;
    }

    /** As {@link #fast(List, Precision, boolean)}, with 1x1 convolutions in the form that lives everywhere. */
    static byte[] fast(List<Integer> blocks, Precision precision) {
        return fast(blocks, precision, false);
    }

    /**
     * Returns the page of a residual network's backbone, not to be trained, in this processor's fast operators.
     *
     * @param plainKernels of 1x1 convolutions, see {@link Kernels}; not for int8
     */
    static byte[] fast(List<Integer> blocks, Precision precision, boolean plainKernels) {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("training", false);
        attributes.put("blocks", blocks);
        attributes.put("packed", NO_TENSORS);
        if (precision == Precision.INT8) {
            attributes.put("steps", NO_NUMBERS);
            return PageArchive.of("Int8ResNet", "resnet_int8", LIBRARIES, attributes);
        }
        attributes.put("plain", plainKernels);
        attributes.put("dtype", scalarType(precision));
        attributes.put("momentum", BATCH_NORM_MOMENTUM);
        attributes.put("part_values", PART_BYTES / (precision == Precision.FP32 ? Float.BYTES : Short.BYTES));
        attributes.put("weights", NO_TENSORS);
        attributes.put("unfolded", NO_TENSORS);
        attributes.put("bins", ActivationRanges.BINS);
        attributes.put("observing", false);
        attributes.put("limits", NO_TENSORS);
        attributes.put("counts", NO_TENSORS);
        return PageArchive.of("FusedResNet", "resnet_fused", LIBRARIES, attributes);
    }

    /** Returns the page of {@link AdamStep}. */
    static byte[] adam() {
        Map<String, Object> attributes = new LinkedHashMap<>();
        attributes.put("training", false);
        attributes.put("parameters", NO_TENSORS);
        attributes.put("means", NO_TENSORS);
        attributes.put("squares", NO_TENSORS);
        return PageArchive.of("Adam", "adam", List.of(), attributes);
    }

    /** Returns the texts of all pages of networks: what is computed changes with them alone. */
    static byte[] texts() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Stream.concat(LIBRARIES.stream(), Stream.of("cnn", "product", "resnet", "resnet_fused", "resnet_int8"))
                .forEach(page -> all.writeBytes(PageArchive.text(page)));
        return all.toByteArray();
    }

    /** Returns the number of {@code c10::ScalarType}. */
    private static int scalarType(Precision precision) {
        return switch (precision) {
            case FP32 -> 6;
            case BF16 -> 15;
            case INT8 -> throw new IllegalArgumentException("the plain pages know no int8");
        };
    }
}
