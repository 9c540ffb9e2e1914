package io.github.finetide.trainer.training;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.Content;
import io.github.finetide.store.FileEntry;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.store.PreparedCheckpoint;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.data.FeatureHelpers;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    /** Writes a network's weights for 32 pixels with one tensor full of a value, every third negative; gives the file's URI. */
    String weightsWith(Architecture network, String name, float value) throws IOException {
        Path file = folder.resolve("changed.safetensors");
        StateDict plain = SafeTensors.read(Made.weights(folder.resolve("plain.safetensors"), network, 32));
        SafeTensors.write(file, plain.with(StateDict.of(List.of(filled(plain.get(name), value)))));
        return file.toUri().toString();
    }

    private static TensorData filled(TensorData like, float value) {
        float[] values = new float[(int) like.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 3 == 0 ? -value / 2 : value;
        }
        return TensorData.of(like.name(), like.shape(), values);
    }

    /** Makes a checkpoint in another store with one tensor full of a value; gives its URI. */
    String checkpointWith(EpochResult epoch, String name, float value) throws IOException {
        Found found = checkpoints.find("first", epoch.epoch()).orElseThrow();
        LocalCheckpoint local =
                checkpoints.fetch(found.saved().uri(), found.saved().digest());
        StateDict model = SafeTensors.read(local.file(CheckpointManifest.MODEL));
        StateDict changed = model.with(StateDict.of(List.of(filled(model.get(name), value))));
        Map<String, Content> files = new HashMap<>();
        for (FileEntry file : found.manifest().files()) {
            files.put(file.name(), target -> Files.copy(local.file(file.name()), target, REPLACE_EXISTING));
        }
        files.put(CheckpointManifest.MODEL, target -> SafeTensors.write(target, changed));
        Path weights = checkpoints.weights(found.manifest().weightsDigest());
        Checkpoints other = store("other");
        other.putWeights("first", found.manifest().weightsDigest(), weights);
        try (PreparedCheckpoint prepared = other.prepare(found.manifest().withFiles(List.of()), files)) {
            prepared.publish();
            return prepared.saved().uri().toString();
        }
    }

    JobOutcome run(TrainingJob job, Progress progress) {
        return run(job, progress, 2, Workshop::bytes);
    }

    JobOutcome run(TrainingJob job, Progress progress, FeatureHelpers.Source helpers) {
        return run(job, progress, 2, Workshop::bytes, helpers);
    }

    JobOutcome run(TrainingJob job, Progress progress, int decodeThreads, ImageFetcher images) {
        return run(job, progress, decodeThreads, images, () -> FeatureHelpers.NONE);
    }

    private JobOutcome run(
            TrainingJob job, Progress progress, int decodeThreads, ImageFetcher images, FeatureHelpers.Source helpers) {
        try {
            TrainerResources resources = new TrainerResources(
                    checkpoints,
                    folder.resolve("weights"),
                    (source, target) -> copy(source, target),
                    images,
                    Device.cpu(),
                    decodeThreads,
                    Files.createDirectories(folder.resolve("temporary")));
            return new FineTuning(job, resources.with(helpers)).run(progress);
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
