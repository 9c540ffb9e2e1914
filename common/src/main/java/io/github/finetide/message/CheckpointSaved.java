package io.github.finetide.message;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint folder is complete. Published once more, with another digest, when precisions and confidence were measured.
 *
 * @param uri the folder
 * @param digest SHA-256 of its checkpoint.json
 * @param weightsDigest SHA-256 of the starting weights
 * @param precisions by name of the precision, where they were measured
 * @param confidence what the model's probabilities are worth, where it was measured
 * @param crossValidation of the job, where it has folds and precisions and confidence were measured
 * @param classWeights that the loss used; absent where there are none, and above {@link EpochMetrics#MAX_CLASS_SCORES}
 */
public record CheckpointSaved(
        String jobId,
        String model,
        int epoch,
        URI uri,
        String digest,
        long sizeBytes,
        Scores validation,
        boolean isBest,
        Architecture network,
        String weightsDigest,
        @Nullable Map<String, PrecisionScores> precisions,
        @Nullable Confidence confidence,
        @Nullable List<Double> classWeights,
        @Nullable CrossValidation crossValidation,
        Instant at)
        implements Event {

    public CheckpointSaved {
        Check.id("jobId", jobId);
        Check.id("model", model);
        Check.range("epoch", epoch, 1, TrainingJob.MAX_EPOCHS);
        Check.uri("uri", uri, ModelRelease.SCHEMES);
        Check.sha256("digest", digest);
        Check.atLeast("sizeBytes", sizeBytes, 0);
        Check.sha256("weightsDigest", weightsDigest);
        precisions = precisions == null ? null : Map.copyOf(precisions);
        classWeights = classWeights == null ? null : List.copyOf(classWeights);
        at = Check.time("at", at);
    }

    @Override
    public String key() {
        return jobId;
    }

    @Override
    public String id() {
        return jobId + "/" + epoch + (precisions == null && confidence == null ? "/checkpoint" : "/precisions");
    }

    @Override
    public String type() {
        return "io.github.finetide.message.CheckpointSaved";
    }
}
