package io.github.finetide.deploy.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Precision;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.CheckpointManifest;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Trains a model for the inference workers: a real one, with all that a checkpoint holds. */
final class ServedModel {
    /** Enough for the ranges of int8 to be calibrated on, and one of each kind at least; how well it learns is no matter. */
    private static final int TRAINING_IMAGES = 32;

    /** On which the job's end measures each precision, one after the other: that takes its time. */
    private static final int VALIDATION_IMAGES = 8;

    private static final int BATCH = 16;

    private ServedModel() {}

    /**
     * Trains on the images for an epoch.
     *
     * @param batchNorm {@code update} gives the model a network of its own, {@code frozen} only a head
     * @param more further fields of the job
     */
    static ModelRelease train(BenchSite site, BenchImages images, String jobId, String batchNorm, String more)
            throws IOException {
        Path training = images.first(TRAINING_IMAGES);
        Path validation = images.first(VALIDATION_IMAGES);
        String precision = site.fastest() == Precision.FP32 ? "fp32" : "bf16";
        BenchJob job = new BenchJob(jobId, site.weightsName(), batchNorm, precision, BATCH, 1);
        Path file = Files.writeString(
                site.folder().resolve(jobId + ".json"),
                job.json(training, validation, ", \"augmentation\": \"none\"" + more));
        try (Contestant finetide = site.finetide("model")) {
            BenchSite.require(finetide.ask(
                    "train",
                    file.toString(),
                    site.store().toString(),
                    site.cache().toString(),
                    site.folder().toString()));
        }
        try (Checkpoints checkpoints = Checkpoints.open(site.store().toUri(), "bench", site.cache())) {
            Found found = checkpoints.find(jobId, 1).orElseThrow();
            return release(found.saved(), BenchJob.MODEL, jobId, 1);
        }
    }

    /** Further models with the same starting weights and head, each with a job and checkpoint of its own. */
    static List<ModelRelease> copies(BenchSite site, ModelRelease release, int copies) throws IOException {
        List<ModelRelease> releases = new ArrayList<>();
        try (Checkpoints checkpoints = Checkpoints.open(site.store().toUri(), "bench", site.cache())) {
            LocalCheckpoint original = checkpoints.fetch(release.uri(), release.digest());
            Map<String, Content> files = new LinkedHashMap<>();
            for (FileEntry file : original.manifest().files()) {
                files.put(file.name(), target -> Files.copy(original.file(file.name()), target));
            }
            for (int copy = 1; copy <= copies; copy++) {
                CheckpointManifest manifest = renamed(original.manifest(), "-" + copy);
                Saved saved = checkpoints.save(manifest, files);
                TrainingJob job = manifest.job();
                releases.add(release(saved, job.model(), job.jobId(), manifest.epoch()));
            }
        }
        return releases;
    }

    /** As if a job of another name had made it, for a model of another name. */
    private static CheckpointManifest renamed(CheckpointManifest manifest, String suffix) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode tree = (ObjectNode) mapper.readTree(Json.write(manifest));
        ((ObjectNode) tree.get("job"))
                .put("jobId", manifest.job().jobId() + suffix)
                .put("model", manifest.job().model() + suffix);
        return Json.read(mapper.writeValueAsBytes(tree), CheckpointManifest.class);
    }

    private static ModelRelease release(Saved saved, String model, String jobId, int epoch) {
        String version = ModelRelease.version(jobId, epoch);
        return new ModelRelease(model, version, saved.uri(), saved.digest(), Instant.now(), "for the bench");
    }
}
