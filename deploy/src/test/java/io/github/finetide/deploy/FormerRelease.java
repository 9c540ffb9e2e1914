package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;

import ai.djl.Device;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.weights.ResolvedWeights;
import io.github.finetide.network.weights.StartingWeights;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.UnwatchedProgress;
import io.github.finetide.trainer.training.FineTuning;
import io.github.finetide.trainer.training.TrainerResources;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The job whose checkpoint of the second epoch is kept from each release, as that release wrote it. To keep one:
 * {@code java -cp ... io.github.finetide.deploy.FormerRelease FOLDER}, and copy {@code FOLDER/store/former/epoch-0002}.
 */
final class FormerRelease {
    static final String JOB = "former";
    static final int EPOCHS = 3;
    static final int KEPT_EPOCH = 2;

    private static final String WEIGHTS = "random:3";
    private static final String PLACE = "/former/";

    private final Path folder;

    /** @param folder for images, which are made now, stores and caches */
    FormerRelease(Path folder) throws IOException {
        this.folder = folder;
        TinyImages.write(folder.resolve("images"), "train", 24, 1);
        TinyImages.write(folder.resolve("images"), "validation", 12, 2);
    }

    public static void main(String[] arguments) throws IOException {
        FormerRelease release = new FormerRelease(Path.of(arguments[0]));
        try (Checkpoints store = release.store("store")) {
            System.out.println(release.train(store));
        }
    }

    Checkpoints store(String name) {
        return Checkpoints.open(folder.resolve(name).toUri(), "worker", folder.resolve(name + "-cache"));
    }

    /** A job's folder in a store. */
    Path checkpoint(String store, int epoch) {
        return folder.resolve(store).resolve(JOB).resolve("epoch-000" + epoch);
    }

    /** Its starting weights are drawn from a seed, by a recipe that must not change. */
    void putStartingWeights(Checkpoints store) {
        ResolvedWeights weights = new StartingWeights(folder.resolve("weights"), (source, target) -> {})
                .resolve(WEIGHTS, Architecture.CNN);
        store.putWeights(JOB, weights.sha256(), weights.file());
    }

    /** Trains the job to its end, from the newest checkpoint that the store has. */
    JobOutcome train(Checkpoints store) throws IOException {
        TrainingJob job = Json.read("""
                {"jobId": "%s", "model": "discs", "dataset": {"train": "file://%2$strain.txt",
                 "validation": "file://%2$svalidation.txt"}, "classes": 2, "network": "cnn", "weights": "%3$s",
                 "trainable": "head", "epochs": %4$d, "batchSize": 8, "imageSize": 16,
                 "augmentation": {"resize": 20, "crop": 16}}""".formatted(JOB, PLACE, WEIGHTS, EPOCHS).getBytes(UTF_8), TrainingJob.class);
        TrainerResources resources = new TrainerResources(
                store,
                folder.resolve("weights"),
                (source, target) -> {},
                this::image,
                Device.cpu(),
                2,
                Files.createDirectories(folder.resolve("temporary")));
        return new FineTuning(job, resources).run(new UnwatchedProgress());
    }

    private byte[] image(URI uri) {
        try {
            return Files.readAllBytes(
                    folder.resolve("images").resolve(uri.getPath().substring(PLACE.length())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
