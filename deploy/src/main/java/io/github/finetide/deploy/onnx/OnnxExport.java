package io.github.finetide.deploy.onnx;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Precision;
import io.github.finetide.network.Layout;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.tensor.StateDict;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint's whole model as one ONNX file (operator set 13) in fp32 or, as pairs of
 * QuantizeLinear and DequantizeLinear, in int8; batch norm multiplied into the convolutions. Class
 * names and preprocessing stand in its metadata.
 *
 * <p>See RATIONALE.md, Why is ONNX written without a library?
 */
public final class OnnxExport {
    private static final int IR_VERSION = 7;
    private static final int OPERATOR_SET = 13;

    /** Protocol Buffers' own limit of a message; ONNX keeps larger tensors in files beside it. */
    private static final long MAX_BYTES = Integer.MAX_VALUE;

    private OnnxExport() {}

    /**
     * Writes the file, replacing another of its name once it is complete.
     *
     * @param model all of the network's tensors
     * @param maxima of the activations, for int8: {@link io.github.finetide.network.ActivationRanges#maxima}; empty for
     *     fp32
     * @throws FaultException TOO_LARGE for a network that does not fit an ONNX file
     */
    public static void write(
            CheckpointManifest manifest,
            Layout layout,
            StateDict model,
            Map<String, Float> maxima,
            OnnxInput input,
            Path file)
            throws IOException {
        OnnxGraph graph = new OnnxGraph(manifest.job().jobId());
        new OnnxNetwork(graph, layout, model, maxima).add(manifest.preprocessing(), input);
        ProtoMessage onnx = new ProtoMessage()
                .number(1, IR_VERSION)
                .text(2, "finetide")
                .message(7, graph.toProto())
                .message(8, new ProtoMessage().number(2, OPERATOR_SET));
        metadata(manifest, input, maxima.isEmpty() ? Precision.FP32 : Precision.INT8)
                .forEach((key, value) ->
                        onnx.message(14, new ProtoMessage().text(1, key).text(2, value)));
        if (onnx.size() > MAX_BYTES) {
            throw new FaultException(
                    ErrorKind.TOO_LARGE,
                    "the model takes %d bytes, and an ONNX file has %d at most: export it as safetensors"
                            .formatted(onnx.size(), MAX_BYTES));
        }
        replace(file, onnx);
    }

    private static void replace(Path file, ProtoMessage onnx) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(part))) {
                onnx.writeTo(out);
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Lists as JSON. */
    private static Map<String, String> metadata(CheckpointManifest manifest, OnnxInput input, Precision precision) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("architecture", manifest.network().wire());
        metadata.put("version", manifest.job().jobId() + "@" + manifest.epoch());
        metadata.put("precision", precision.wire());
        metadata.put("class_names", json(manifest.classNames()));
        metadata.put("image_size", String.valueOf(manifest.preprocessing().imageSize()));
        metadata.put("resize", manifest.preprocessing().resize());
        metadata.put("color_order", "RGB");
        if (input == OnnxInput.FLOAT) {
            metadata.put("mean", json(manifest.preprocessing().mean()));
            metadata.put("std", json(manifest.preprocessing().std()));
        }
        return metadata;
    }

    private static String json(List<?> values) {
        return new ObjectMapper().valueToTree(values).toString();
    }
}
