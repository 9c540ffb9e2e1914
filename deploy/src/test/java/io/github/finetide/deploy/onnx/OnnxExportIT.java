package io.github.finetide.deploy.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.deploy.TestCheckpoints;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Json;
import io.github.finetide.message.Precision;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Calibration;
import io.github.finetide.network.FastPages;
import io.github.finetide.network.InitialWeights;
import io.github.finetide.network.Layout;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.network.RandomWeights;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.RecordedPreprocessing;
import io.github.finetide.tensor.StateDict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ONNX Runtime gives the network's logits. It is fetched by the Maven profile {@code bench}, and in a process of its own. */
@Tag("foreign")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class OnnxExportIT {
    private static final int CLASSES = 7;
    private static final int BATCH = 3;
    /** Of a probability, as a worker's golden check has it in int8. */
    private static final float TOLERANCE = 0.05f;
    /** Not a power of two, so that strides meet odd sizes. */
    private static final int SIZE = 68;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"CNN, FLOAT", "CNN, UINT8", "RESNET50, FLOAT", "RESNET50, UINT8", "RESNET152, FLOAT"})
    void onnxRuntimeGivesTheNetworksLogits(Architecture architecture, OnnxInput input) throws Exception {
        Layout layout = Layout.of(architecture, CLASSES, SIZE);
        StateDict model = RandomWeights.draw(architecture, 1).with(InitialWeights.head(architecture, CLASSES, SIZE, 2));
        Path file = folder.resolve("model.onnx");
        OnnxExport.write(manifest(architecture), layout, model, Map.of(), input, file);
        byte[] pixels = new byte[BATCH * SIZE * SIZE * 3];
        new Random(5).nextBytes(pixels);

        List<String> lines = onnxRuntime(file, input == OnnxInput.UINT8 ? planes(pixels) : normalised(planes(pixels)));

        float[] expected = logits(architecture, model, pixels);
        float[] found = numbers(lines.subList(0, BATCH));
        float largest = 0;
        for (float logit : expected) {
            largest = Math.max(largest, Math.abs(logit));
        }
        assertThat(found).containsExactly(expected, Offset.offset(1e-5f * largest));
        assertThat(lines.get(BATCH))
                .contains("class_names=[\"a\",\"b\"", "image_size=" + SIZE, "color_order=RGB", "version=j@1");
    }

    /** In int8 the probabilities are the worker's within what its golden check tolerates. */
    @ParameterizedTest
    @CsvSource({"RESNET50, FLOAT", "RESNET152, UINT8"})
    void onnxRuntimeGivesTheInt8NetworksProbabilities(Architecture architecture, OnnxInput input) throws Exception {
        assumeTrue(FastPages.fasterThanFp32().contains(Precision.INT8), "this processor has no int8");
        Layout layout = Layout.of(architecture, CLASSES, SIZE);
        StateDict model = RandomWeights.draw(architecture, 1).with(InitialWeights.head(architecture, CLASSES, SIZE, 2));
        byte[] pixels = new byte[BATCH * SIZE * SIZE * 3];
        new Random(5).nextBytes(pixels);
        ActivationRanges ranges = ranges(architecture, model, pixels);
        Path file = folder.resolve("model.onnx");
        OnnxExport.write(manifest(architecture), layout, model, ranges.maxima(), input, file);

        List<String> lines = onnxRuntime(file, input == OnnxInput.UINT8 ? planes(pixels) : normalised(planes(pixels)));

        NetworkOptions options = new NetworkOptions(architecture, Precision.INT8, Device.cpu());
        try (Network network = Network.frozen(options, model, ranges)) {
            assertThat(network.precision()).isEqualTo(Precision.INT8);
            float[] expected = probabilities(network, pixels);
            float[] found = softmax(network, numbers(lines.subList(0, BATCH)));
            assertThat(found).containsExactly(expected, Offset.offset(TOLERANCE));
        }
        assertThat(lines.get(BATCH)).contains("precision=int8");
        long fp32 = model.tensors().stream()
                .mapToLong(tensor -> tensor.bytes().remaining())
                .sum();
        assertThat(Files.size(file)).isLessThan(fp32 / 3);
    }

    private static ActivationRanges ranges(Architecture architecture, StateDict model, byte[] pixels) {
        try (Calibration calibration =
                        Calibration.open(NetworkOptions.of(architecture), model).orElseThrow();
                NDManager scope = calibration.scope()) {
            calibration.observe(images(scope, pixels));
            return calibration.ranges();
        }
    }

    private static NDArray images(NDManager scope, byte[] pixels) {
        return scope.create(ByteBuffer.wrap(pixels), new Shape(BATCH, SIZE, SIZE, 3), DataType.UINT8);
    }

    private static float[] probabilities(Network network, byte[] pixels) {
        try (NDManager scope = network.scope()) {
            return network.probabilities(network.forward(images(scope, pixels), false))
                    .toFloatArray();
        }
    }

    private static float[] softmax(Network network, float[] logits) {
        try (NDManager scope = network.scope()) {
            return network.probabilities(scope.create(logits, new Shape(BATCH, CLASSES)))
                    .toFloatArray();
        }
    }

    private static float[] numbers(List<String> lines) {
        List<Float> found = Pattern.compile("\\s+")
                .splitAsStream(String.join(" ", lines).strip())
                .map(Float::valueOf)
                .toList();
        float[] numbers = new float[found.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = found.get(i);
        }
        return numbers;
    }

    private static float[] logits(Architecture architecture, StateDict model, byte[] pixels) {
        NetworkOptions options = NetworkOptions.of(architecture);
        try (Network network = Network.open(options, model);
                NDManager scope = network.scope()) {
            return network.forward(images(scope, pixels), false).toFloatArray();
        }
    }

    /** From {@code [n, h, w, 3]} to {@code [n, 3, h, w]}. */
    private static byte[] planes(byte[] pixels) {
        byte[] planes = new byte[pixels.length];
        int area = SIZE * SIZE;
        for (int i = 0; i < pixels.length; i++) {
            int image = i / (3 * area);
            planes[image * 3 * area + i % 3 * area + i / 3 % area] = pixels[i];
        }
        return planes;
    }

    private static byte[] normalised(byte[] planes) {
        RecordedPreprocessing preprocessing = RecordedPreprocessing.validation(SIZE);
        byte[] bytes = new byte[planes.length * Float.BYTES];
        ByteBuffer values = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        for (int i = 0; i < planes.length; i++) {
            int color = i / (SIZE * SIZE) % 3;
            values.putFloat(
                    (float) (((planes[i] & 0xff) / 255.0 - preprocessing.mean().get(color))
                            / preprocessing.std().get(color)));
        }
        return bytes;
    }

    private List<String> onnxRuntime(Path model, byte[] input) throws IOException, InterruptedException {
        Path source = folder.resolve("OnnxLogits.java");
        Files.copy(OnnxExportIT.class.getResourceAsStream("OnnxLogits.java"), source);
        Path data = Files.write(folder.resolve("input"), input);
        Path errors = folder.resolve("errors");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        jar().toString(),
                        source.toString(),
                        model.toString(),
                        data.toString(),
                        String.valueOf(BATCH),
                        String.valueOf(SIZE))
                .redirectError(errors.toFile())
                .start();
        List<String> lines = process.inputReader().lines().toList();
        assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
        return lines;
    }

    private static Path jar() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("target/bench"))) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException missing) {
            throw new IOException("ONNX Runtime is not in target/bench: run Maven with -Pbench", missing);
        }
    }

    private static CheckpointManifest manifest(Architecture architecture) {
        TrainingJob job =
                Json.read("""
                {"jobId": "j", "model": "m", "network": "%s", "weights": "random:1", "classes": 7, "imageSize": 68,
                 "dataset": {"train": "file:///t", "validation": "file:///v",
                  "classNames": ["a", "b", "c", "d", "e", "f", "g"]}}""".formatted(architecture.wire()).getBytes(StandardCharsets.UTF_8), TrainingJob.class);
        return TestCheckpoints.firstEpoch(job);
    }
}
