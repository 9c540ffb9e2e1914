package io.github.finetide.trainer.training;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.Checkpoints;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/** A store, images and weights in a folder, and jobs that use them. */
final class Workshop implements AutoCloseable {
    static final int TRAIN = 22;
    static final int VALIDATION = 10;

    final Path folder;
    final Path train;
    final Path validation;
    Checkpoints checkpoints;

    Workshop(Path folder) throws IOException {
        this.folder = folder;
        Path images = Files.createDirectories(folder.resolve("images"));
        train = Made.manifest(images, "train.txt", 0, TRAIN);
        validation = Made.manifest(images, "validation.txt", TRAIN, VALIDATION);
        checkpoints = store("store");
    }

    /** Opens another, empty store. */
    Checkpoints store(String name) {
        checkpoints = Checkpoints.open(folder.resolve(name).toUri(), "worker", folder.resolve(name + "-cache"));
        return checkpoints;
    }

    /** Makes a small job of these images; fields are JSON fields that it has besides or otherwise. */
    TrainingJob job(String id, Architecture network, int imageSize, String fields) throws IOException {
        Path weights = folder.resolve(network.wire() + imageSize + ".safetensors");
        if (Files.notExists(weights)) {
            Made.weights(weights, network, imageSize);
        }
        String json = """
                {"jobId": "%s", "model": "dishes", "dataset": {"train": "%s", "validation": "%s"}, "classes": %d,
                 "network": "%s", "weights": "%s", "head": "pretrained", "epochs": 3, "imageSize": %d,
                 "batchSize": 8}""".formatted(
                id, train.toUri(), validation.toUri(), Made.CLASSES, network.wire(), weights.toUri(), imageSize);
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode all = (ObjectNode) mapper.readTree(json);
        all.setAll((ObjectNode) mapper.readTree("{" + fields + "}"));
        return Json.read(mapper.writeValueAsBytes(all), TrainingJob.class);
    }

    /** A job that takes a second: the CNN at 32 pixels, augmented and shuffled. */
    TrainingJob quickJob(String id, String fields) throws IOException {
        return job(id, Architecture.CNN, 32, fields);
    }

    JobOutcome run(TrainingJob job, Progress progress) {
        return run(job, progress, 2, Workshop::bytes);
    }

    JobOutcome run(TrainingJob job, Progress progress, int decodeThreads, ImageFetcher images) {
        try {
            TrainerResources resources = new TrainerResources(
                    checkpoints,
                    folder.resolve("weights"),
                    (source, target) -> copy(source, target),
                    images,
                    Device.cpu(),
                    decodeThreads,
                    Files.createDirectories(folder.resolve("temporary")));
            return new FineTuning(job, resources).run(progress);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] bytes(URI uri) {
        try {
            return Files.readAllBytes(Path.of(uri));
        } catch (IOException e) {
            throw new FaultException(ErrorKind.NOT_FOUND, "no file " + uri, e);
        }
    }

    private static void copy(URI source, Path target) {
        try {
            Files.copy(Path.of(source), target);
        } catch (IOException e) {
            throw new FaultException(ErrorKind.NOT_FOUND, "no file " + source, e);
        }
    }

    @Override
    public void close() {
        checkpoints.close();
    }
}
