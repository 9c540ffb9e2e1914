package io.github.finetide.deploy.bench;

import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A training job of the bench; all else is the article's.
 *
 * @param batchNorm {@code update} or {@code frozen}
 */
record BenchJob(String jobId, String weights, String batchNorm, String precision, int batchSize, int epochs) {
    /** The model that all jobs of the bench train. */
    static final String MODEL = "bench";

    /** A job with the article's settings. */
    static TrainingJob defaults() {
        Path any = Path.of("/photos.txt");
        String json = new BenchJob("defaults", "random:1", "update", "fp32", 64, 1).json(any, any, "");
        return Json.read(json.getBytes(StandardCharsets.UTF_8), TrainingJob.class);
    }

    /**
     * The job as JSON.
     *
     * @param more further fields, each with a comma before it
     */
    String json(Path training, Path validation, String more) {
        return """
                {"jobId": "%s", "model": "%s", "dataset": {"train": "%s", "validation": "%s"},
                 "weights": "%s", "batchNorm": "%s", "precision": "%s", "batchSize": %d, "epochs": %d%s}
                """.formatted(
                        jobId,
                        MODEL,
                        training.toUri(),
                        validation.toUri(),
                        weights,
                        batchNorm,
                        precision,
                        batchSize,
                        epochs,
                        more);
    }
}
