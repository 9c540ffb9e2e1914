package io.github.finetide.deploy.bench;

import io.github.finetide.message.ModelRelease;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Trains a model for the inference workers: a real one, with all that a checkpoint holds. */
final class ServedModel {
    private static final String JOB_ID = "bench-model";

    /** Enough for the ranges of int8 to be calibrated on. */
    private static final int BATCH = 16;

    private ServedModel() {}

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
                String version = ModelRelease.version(JOB_ID, epoch);
                releases.add(new ModelRelease(
                        BenchJob.MODEL,
                        version,
                        found.saved().uri(),
                        found.saved().digest(),
                        Instant.now(),
                        "for the bench"));
            }
            return releases;
        }
    }
}
