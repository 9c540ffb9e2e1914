package io.github.finetide.deploy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.deploy.onnx.OnnxExport;
import io.github.finetide.deploy.onnx.OnnxInput;
import io.github.finetide.message.Architecture;
import io.github.finetide.network.Layout;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.RecordedPreprocessing;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint merged with its starting weights: {@code model.safetensors}, which torchvision's {@code load_state_dict}
 * takes as it is, and {@code config.json}, with which timm makes the model from the folder; or one ONNX file.
 */
final class ModelExport {
    static final String MODEL = "model.safetensors";
    static final String CONFIG = "config.json";
    static final String ONNX = "model.onnx";

    private static final ObjectWriter JSON = new ObjectMapper().writerWithDefaultPrettyPrinter();

    private ModelExport() {}

    /**
     * Writes both files, replacing others of their names.
     *
     * @param starting file of the starting weights
     * @param changed file of the checkpoint's tensors
     * @throws io.github.finetide.message.FaultException INVALID if together they are not the whole network
     */
    static void write(CheckpointManifest manifest, Path starting, Path changed, Path folder) throws IOException {
        Layout layout = layout(manifest);
        StateDict model = whole(layout, starting, changed);
        Files.createDirectories(folder);
        SafeTensors.write(folder.resolve(MODEL), model);
        JSON.writeValue(folder.resolve(CONFIG).toFile(), config(manifest, layout));
    }

    /**
     * As {@link #write}, but one file, {@code model.onnx}.
     *
     * @param maxima of the activations, for int8; empty for fp32
     */
    static void writeOnnx(
            CheckpointManifest manifest,
            Path starting,
            Path changed,
            Map<String, Float> maxima,
            OnnxInput input,
            Path folder)
            throws IOException {
        Layout layout = layout(manifest);
        StateDict model = whole(layout, starting, changed);
        Files.createDirectories(folder);
        OnnxExport.write(manifest, layout, model, maxima, input, folder.resolve(ONNX));
    }

    private static Layout layout(CheckpointManifest manifest) {
        return Layout.of(
                manifest.network(), manifest.job().classes(), manifest.job().imageSize());
    }

    private static StateDict whole(Layout layout, Path starting, Path changed) throws IOException {
        StateDict model = layout.whole(SafeTensors.read(starting), SafeTensors.read(changed));
        layout.check(model);
        return model;
    }

    private static ObjectNode config(CheckpointManifest manifest, Layout layout) {
        ObjectNode config = new ObjectMapper().createObjectNode();
        config.put("architecture", manifest.network().wire());
        config.put("num_classes", layout.classes());
        config.put("num_features", layout.featureCount());
        ArrayNode names = config.putArray("label_names");
        manifest.classNames().forEach(names::add);
        pretrained(config.putObject("pretrained_cfg"), manifest, layout);
        return config;
    }

    /** In timm's words: resize to the size as it is, without regard to the aspect ratio, no crop. */
    private static void pretrained(ObjectNode config, CheckpointManifest manifest, Layout layout) {
        RecordedPreprocessing preprocessing = manifest.preprocessing();
        int size = preprocessing.imageSize();
        config.put("tag", manifest.job().jobId() + "@" + manifest.epoch());
        config.put("num_classes", layout.classes());
        numbers(config.putArray("input_size"), List.of(3, size, size));
        config.put("fixed_input_size", manifest.network() == Architecture.CNN);
        config.put("interpolation", "bilinear");
        config.put("crop_pct", 1.0);
        config.put("crop_mode", "squash");
        preprocessing.mean().forEach(config.putArray("mean")::add);
        preprocessing.std().forEach(config.putArray("std")::add);
        config.put("first_conv", manifest.network() == Architecture.CNN ? "conv1.0" : "conv1");
        config.put("classifier", layout.headBias().replace(".bias", ""));
    }

    private static void numbers(ArrayNode array, List<Integer> numbers) {
        numbers.forEach(array::add);
    }
}
