package io.github.finetide.message;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a job stands, made by {@link #builder}. {@code jobId} is whatever the user wrote, so that a refused job is answered too.
 *
 * @param jobDigest {@link TrainingJob#digest()}; absent where the job could not be read
 * @param jobOffset the offset of the job's record: distinguishes a redelivery from a job produced again
 * @param jobTopicId Kafka's id of the topic that has the record: a topic made anew counts offsets from 0 again
 * @param attempt counts from 1 over all trainers that started this record
 * @param crashes attempts in a row that ended without a word and without a finished epoch
 * @param delivery how often the queue had handed the job's record out by then: the same number again means that the
 *     broker forgot who worked on it, and nobody died
 * @param sequence counts the statuses of one attempt from 1
 * @param progress 0 to 1 of all batches
 * @param weightsFrom what {@code model:} weights mean; absent in jobs with others
 * @param reason why a job was cancelled, or answered without training
 * @param features of a job whose features are computed once; absent in others
 * @param crossValidation over the folds that are done, where the job has some
 * @param warnings what the user should look at though it did not stop the job
 */
public record JobStatus(
        String jobId,
        @Nullable String model,
        JobState state,
        @Nullable String worker,
        int epoch,
        int epochs,
        double progress,
        @Nullable Double etaSeconds,
        @Nullable Best best,
        @Nullable Integer resumedFromEpoch,
        int attempt,
        int crashes,
        int sequence,
        @Nullable Instant startedAt,
        Instant updatedAt,
        @Nullable Instant finishedAt,
        @Nullable ErrorDetail error,
        @Nullable String reason,
        @Nullable List<String> warnings,
        @Nullable String jobDigest,
        @Nullable Long jobOffset,
        @Nullable String jobTopicId,
        @Nullable Integer delivery,
        @Nullable FeatureCounts features,
        @Nullable SweepStatus sweep,
        @Nullable CrossValidation crossValidation,
        @Nullable WeightsFrom weightsFrom)
        implements Event {

    public JobStatus {
        Check.text("jobId", jobId);
        Check.range("epoch", epoch, 0, TrainingJob.MAX_EPOCHS);
        Check.range("epochs", epochs, 0, TrainingJob.MAX_EPOCHS);
        Check.fraction("progress", progress);
        if (etaSeconds != null) {
            Check.notNegative("etaSeconds", etaSeconds);
        }
        Check.atLeast("attempt", attempt, 0);
        Check.atLeast("crashes", crashes, 0);
        Check.atLeast("sequence", sequence, 0);
        startedAt = startedAt == null ? null : Check.time("startedAt", startedAt);
        updatedAt = Check.time("updatedAt", updatedAt);
        finishedAt = finishedAt == null ? null : Check.time("finishedAt", finishedAt);
        warnings =
                warnings == null ? null : warnings.stream().map(Redacted::text).toList();
        Check.require(state.isFinal() == (finishedAt != null), "finishedAt", state.wire(), "present when final");
        Check.require(state != JobState.FAILED || error != null, "error", "absent", "present when FAILED");
    }

    /** A status that is made field by field. */
    public static JobStatusBuilder builder(String jobId, JobState state, Instant updatedAt) {
        return new JobStatusBuilder(jobId, state, updatedAt);
    }

    /** This status, to be made anew with some fields changed. */
    public JobStatusBuilder with() {
        return new JobStatusBuilder(this);
    }

    @Override
    public String key() {
        return jobId;
    }

    @Override
    public String id() {
        String submission = jobId + "/" + (jobOffset == null ? "-" : jobOffset);
        return state.isFinal()
                ? submission + "/status/" + state.wire()
                : submission + "/status/" + attempt + "." + sequence;
    }

    @Override
    public String type() {
        return "io.github.finetide.message.JobStatus";
    }
}
