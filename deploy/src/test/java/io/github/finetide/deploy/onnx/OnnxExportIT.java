package io.github.finetide.deploy.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.deploy.TestCheckpoints;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
        OnnxExport.write(manifest(architecture), layout, model, input, file);
        byte[] pixels = new byte[BATCH * SIZE * SIZE * 3];
        new Random(5).nextBytes(pixels);

        List<String> lines = onnxRuntime(file, input == OnnxInput.UINT8 ? planes(pixels) : normalised(planes(pixels)));

        float[] expected = logits(architecture, model, pixels);
        List<Float> found = new ArrayList<>();
        lines.subList(0, BATCH)
                .forEach(line ->
                        Stream.of(line.strip().split(" ")).map(Float::valueOf).forEach(found::add));
        float largest = 0;
        for (float logit : expected) {
            largest = Math.max(largest, Math.abs(logit));
        }
        assertThat(found).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(found.get(i)).isCloseTo(expected[i], Offset.offset(1e-5f * largest));
        }
        assertThat(lines.get(BATCH))
                .contains("class_names=[\"a\",\"b\"", "image_size=" + SIZE, "color_order=RGB", "version=j@1");
    }

    private static float[] logits(Architecture architecture, StateDict model, byte[] pixels) {
        NetworkOptions options = NetworkOptions.of(architecture);
        try (Network network = Network.open(options, model);
                NDManager scope = network.scope()) {
            NDArray images = scope.create(ByteBuffer.wrap(pixels), new Shape(BATCH, SIZE, SIZE, 3), DataType.UINT8);
            return network.forward(images, false).toFloatArray();
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
