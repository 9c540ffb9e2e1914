package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.options.CommandLines;
import io.github.finetide.trainer.progress.UnwatchedProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A model trained here is used in Python. */
@Tag("foreign")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ExportInPyTorchIT {
    @TempDir
    Path folder;

    @Test
    void torchvisionLoadsATrainedResnet152AndGivesTheTrainersProbabilities() throws Exception {
        train(TinyImages.write(folder, "train", 8, 1), TinyImages.write(folder, "validation", 6, 2));
        Path checkpoint = folder.resolve("store/job/epoch-0001");
        Path exported = folder.resolve("exported");

        assertThat(CommandLines.run(
                        new ExportCommand(),
                        checkpoint.toString(),
                        exported.toString(),
                        "--weights-cache",
                        folder.resolve("cache").toString()))
                .isZero();

        assertThat(Double.parseDouble(python("src/test/python/exported.py", exported, checkpoint)))
                .as("largest difference of a probability")
                .isLessThan(1e-4);
    }

    private void train(Path train, Path validation) throws IOException {
        TrainingJob job = Json.read(
                """
                {"jobId": "job", "model": "m", "network": "resnet152", "weights": "random:3", "classes": 20, "epochs": 1,
                 "imageSize": 64, "batchSize": 8, "dataset": {"train": "%s", "validation": "%s"}}""".formatted(train.toUri(), validation.toUri()).getBytes(StandardCharsets.UTF_8), TrainingJob.class);
        InProcessTrainer.run(job, folder, new UnwatchedProgress());
    }

    private static String python(String script, Path... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        "/usr/bin/python3", script, arguments[0].toString(), arguments[1].toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output.strip();
    }
}
