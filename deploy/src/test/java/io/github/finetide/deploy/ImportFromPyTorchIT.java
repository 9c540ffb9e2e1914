package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.options.CommandLines;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Checkpoints;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model trained in Python is served here. */
@Tag("foreign")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ImportFromPyTorchIT {
    @TempDir
    Path folder;

    @Test
    void importedResnet50HasTorchvisionsProbabilitiesAndIsCalibrated() throws Exception {
        Path weights = folder.resolve("weights.pth");
        python("make", weights.toString());
        Path images = TinyImages.write(folder, "images", 9, 1);

        Path checkpoint = imported(weights, images);

        assertThat(Double.parseDouble(python("compare", weights.toString(), checkpoint.toString())))
                .as("largest difference of a probability")
                .isLessThan(1e-5);
        assertThat(manifest(checkpoint).confidence()).isNotNull();
    }

    private Path imported(Path weights, Path images) throws IOException {
        Path store = folder.resolve("store");
        Path classes = Files.write(folder.resolve("classes.txt"), List.of("a", "b", "c"));
        List<String> arguments = new ArrayList<>(List.of("m", weights.toString(), "--classes", classes.toString()));
        arguments.addAll(List.of("--network", "resnet50", "--image-size", "64", "--calibrate", images.toString()));
        arguments.addAll(List.of("--store", store.toString(), "--weights-cache", folder + "/cache"));
        assertThat(CommandLines.run(new ImportCommand(), arguments.toArray(String[]::new)))
                .isZero();
        try (Stream<Path> files = Files.walk(store)) {
            return files.filter(path -> path.endsWith(CheckpointManifest.NAME))
                    .findFirst()
                    .map(Path::getParent)
                    .orElseThrow();
        }
    }

    private CheckpointManifest manifest(Path checkpoint) {
        try (Checkpoints checkpoints =
                Checkpoints.open(folder.resolve("store").toUri(), "test", folder.resolve("cache"))) {
            return checkpoints.manifest(checkpoint.toUri());
        }
    }

    private static String python(String... arguments) {
        List<String> command = new ArrayList<>(List.of("/usr/bin/python3", "src/test/python/imported.py"));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(output).isZero();
            return output.strip();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
