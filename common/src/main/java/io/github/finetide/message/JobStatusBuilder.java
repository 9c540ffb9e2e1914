package io.github.finetide.message;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a {@link JobStatus} field by field; what is not set is absent, 0 where it is a number that is always there. */
public final class JobStatusBuilder {
    private final String jobId;
    private @Nullable String model;
    private JobState state;
    private @Nullable String worker;
    private int epoch;
    private int epochs;
    private double progress;
    private @Nullable Double etaSeconds;
    private @Nullable Best best;
    private @Nullable Integer resumedFromEpoch;
    private int attempt;
    private int crashes;
    private int sequence;
    private @Nullable Instant startedAt;
    private Instant updatedAt;
    private @Nullable Instant finishedAt;
    private @Nullable ErrorDetail error;
    private @Nullable String reason;
    private @Nullable List<String> warnings;
    private @Nullable String jobDigest;
    private @Nullable Long jobOffset;
    private @Nullable String jobTopicId;
    private @Nullable Integer delivery;
    private @Nullable FeatureCounts features;
    private @Nullable SweepStatus sweep;
    private @Nullable CrossValidation crossValidation;
    private @Nullable WeightsFrom weightsFrom;

    JobStatusBuilder(String jobId, JobState state, Instant updatedAt) {
        this.jobId = jobId;
        this.state = state;
        this.updatedAt = updatedAt;
    }

    JobStatusBuilder(JobStatus from) {
        jobId = from.jobId();
        model = from.model();
        state = from.state();
        worker = from.worker();
        epoch = from.epoch();
        epochs = from.epochs();
        progress = from.progress();
        etaSeconds = from.etaSeconds();
        best = from.best();
        resumedFromEpoch = from.resumedFromEpoch();
        attempt = from.attempt();
        crashes = from.crashes();
        sequence = from.sequence();
        startedAt = from.startedAt();
        updatedAt = from.updatedAt();
        finishedAt = from.finishedAt();
        error = from.error();
        reason = from.reason();
        warnings = from.warnings();
        jobDigest = from.jobDigest();
        jobOffset = from.jobOffset();
        jobTopicId = from.jobTopicId();
        delivery = from.delivery();
        features = from.features();
        sweep = from.sweep();
        crossValidation = from.crossValidation();
        weightsFrom = from.weightsFrom();
    }

    public JobStatusBuilder model(@Nullable String value) {
        model = value;
        return this;
    }

    public JobStatusBuilder state(JobState value) {
        state = value;
        return this;
    }

    public JobStatusBuilder worker(@Nullable String value) {
        worker = value;
        return this;
    }

    public JobStatusBuilder epoch(int value) {
        epoch = value;
        return this;
    }

    public JobStatusBuilder epochs(int value) {
        epochs = value;
        return this;
    }

    public JobStatusBuilder progress(double value) {
        progress = value;
        return this;
    }

    public JobStatusBuilder etaSeconds(@Nullable Double value) {
        etaSeconds = value;
        return this;
    }

    public JobStatusBuilder best(@Nullable Best value) {
        best = value;
        return this;
    }

    public JobStatusBuilder resumedFromEpoch(@Nullable Integer value) {
        resumedFromEpoch = value;
        return this;
    }

    public JobStatusBuilder attempt(int value) {
        attempt = value;
        return this;
    }

    public JobStatusBuilder crashes(int value) {
        crashes = value;
        return this;
    }

    public JobStatusBuilder sequence(int value) {
        sequence = value;
        return this;
    }

    public JobStatusBuilder startedAt(@Nullable Instant value) {
        startedAt = value;
        return this;
    }

    public JobStatusBuilder updatedAt(Instant value) {
        updatedAt = value;
        return this;
    }

    public JobStatusBuilder finishedAt(@Nullable Instant value) {
        finishedAt = value;
        return this;
    }

    public JobStatusBuilder error(@Nullable ErrorDetail value) {
        error = value;
        return this;
    }

    public JobStatusBuilder reason(@Nullable String value) {
        reason = value;
        return this;
    }

    public JobStatusBuilder warnings(@Nullable List<String> value) {
        warnings = value;
        return this;
    }

    public JobStatusBuilder jobDigest(@Nullable String value) {
        jobDigest = value;
        return this;
    }

    public JobStatusBuilder jobOffset(@Nullable Long value) {
        jobOffset = value;
        return this;
    }

    public JobStatusBuilder jobTopicId(@Nullable String value) {
        jobTopicId = value;
        return this;
    }

    public JobStatusBuilder delivery(@Nullable Integer value) {
        delivery = value;
        return this;
    }

    public JobStatusBuilder features(@Nullable FeatureCounts value) {
        features = value;
        return this;
    }

    public JobStatusBuilder sweep(@Nullable SweepStatus value) {
        sweep = value;
        return this;
    }

    public JobStatusBuilder weightsFrom(@Nullable WeightsFrom value) {
        weightsFrom = value;
        return this;
    }

    public JobStatusBuilder crossValidation(@Nullable CrossValidation value) {
        crossValidation = value;
        return this;
    }

    /**
     * The status.
     *
     * @throws FaultException naming the first field whose value is not allowed
     */
    public JobStatus build() {
        return new JobStatus(
                jobId,
                model,
                state,
                worker,
                epoch,
                epochs,
                progress,
                etaSeconds,
                best,
                resumedFromEpoch,
                attempt,
                crashes,
                sequence,
                startedAt,
                updatedAt,
                finishedAt,
                error,
                reason,
                warnings,
                jobDigest,
                jobOffset,
                jobTopicId,
                delivery,
                features,
                sweep,
                crossValidation,
                weightsFrom);
    }
}
