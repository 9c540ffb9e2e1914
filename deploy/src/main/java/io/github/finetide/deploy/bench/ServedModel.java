package io.github.finetide.deploy.bench;

import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.Content;
import io.github.finetide.store.FileEntry;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.store.Saved;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Trains a model for the inference workers: a real one, with all that a checkpoint holds. */
final class ServedModel {
    private static final String JOB_ID = "bench-model";

    /** Enough for the ranges of int8 to be calibrated on. */
    private static final int BATCH = 16;

    private ServedModel() {}

    /**
     * The same checkpoint under other models' names, each as a job's own.
     *
     * @return a release for each
     */
    static List<ModelRelease> copies(BenchSite site, List<String> models) throws IOException {
        List<ModelRelease> releases = new ArrayList<>();
        try (Checkpoints checkpoints = Checkpoints.open(site.store().toUri(), "bench", site.cache())) {
            Found found = checkpoints.find(JOB_ID, 1).orElseThrow();
            LocalCheckpoint trained =
                    checkpoints.fetch(found.saved().uri(), found.saved().digest());
            Map<String, Content> files = new HashMap<>();
            for (FileEntry entry : trained.manifest().files()) {
                files.put(entry.name(), target -> Files.copy(trained.file(entry.name()), target));
            }
            for (String model : models) {
                TrainingJob job = BenchJob.renamed(trained.manifest().job(), model, model);
                Saved saved = checkpoints.save(trained.manifest().of(job), files);
                releases.add(release(model, ModelRelease.version(model, 1), saved));
            }
        }
        return releases;
    }

    private static ModelRelease release(String model, String version, Saved saved) {
        return new ModelRelease(model, version, saved.uri(), saved.digest(), Instant.now(), "for the bench");
    }

    /**
     * Trains on the images.
     *
     * @param batchNorm {@code update} gives each epoch a network of its own, {@code frozen} only a head
     * @param more further fields of the job
     * @return a release for each epoch
     */
    static List<ModelRelease> train(BenchSite site, Path manifest, String batchNorm, int epochs, String more)
            throws IOException {
        BenchJob job = new BenchJob(JOB_ID, site.weightsName(), batchNorm, "fp32", BATCH, epochs);
        Path file = Files.writeString(
                site.folder().resolve(JOB_ID + ".json"),
                job.json(manifest, manifest, ", \"augmentation\": \"none\"" + more));
        try (Contestant finetide = site.finetide("model")) {
            BenchSite.require(finetide.ask(
                    "train",
                    file.toString(),
                    site.store().toString(),
                    site.cache().toString(),
                    site.folder().toString()));
        }
        try (Checkpoints checkpoints = Checkpoints.open(site.store().toUri(), "bench", site.cache())) {
            List<ModelRelease> releases = new ArrayList<>();
            for (int epoch = 1; epoch <= epochs; epoch++) {
                Found found = checkpoints.find(JOB_ID, epoch).orElseThrow();
                releases.add(release(BenchJob.MODEL, ModelRelease.version(JOB_ID, epoch), found.saved()));
            }
            return releases;
        }
    }
}
