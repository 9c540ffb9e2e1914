package io.github.finetide.deploy;

import ai.djl.Device;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.training.FineTuning;
import io.github.finetide.trainer.training.TrainerResources;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** Runs a job in this process, without Kafka. Its checkpoints are in the folder's {@code store}. */
final class InProcessTrainer {
    private static final int DECODE_THREADS = 2;

    private InProcessTrainer() {}

    /** @param job has weights that are in no file, such as {@code random:1}, and images in files */
    static void run(TrainingJob job, Path folder, Progress progress) throws IOException {
        try (Checkpoints checkpoints =
                Checkpoints.open(folder.resolve("store").toUri(), "worker", folder.resolve("cache"))) {
            TrainerResources resources = new TrainerResources(
                    checkpoints,
                    folder.resolve("cache"),
                    (source, target) -> {
                        throw new FaultException(ErrorKind.NOT_FOUND, "no weights file is needed: " + source);
                    },
                    InProcessTrainer::bytes,
                    Device.cpu(),
                    DECODE_THREADS,
                    folder);
            new FineTuning(job, resources).run(progress);
        }
    }

    private static byte[] bytes(URI image) {
        try {
            return Files.readAllBytes(Path.of(image));
        } catch (IOException e) {
            throw new FaultException(ErrorKind.NOT_FOUND, "no file " + image, e);
        }
    }
}
