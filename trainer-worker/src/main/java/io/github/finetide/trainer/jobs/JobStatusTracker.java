package io.github.finetide.trainer.jobs;

import io.github.finetide.message.Best;
import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.JobStatusBuilder;
import io.github.finetide.message.SweepStatus;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.WeightsFrom;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.EpochResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Everything that a job's statuses say, as it is now. */
final class JobStatusTracker {
    private final TrainingJob job;
    private final String digest;
    private final JobRecords records;
    private final @Nullable Integer delivery;
    private final InstantSource clock;
    private int attempt;
    private final Instant startedAt;
    private int crashes;
    private int sequence;
    private int epoch;
    private double progress;
    private @Nullable Duration eta;
    private @Nullable Best best;
    private @Nullable Integer resumedFrom;
    private @Nullable List<String> warnings;
    private @Nullable String reason;
    private @Nullable FeatureCounts features;
    private @Nullable SweepStatus sweep;
    private @Nullable CrossValidation crossValidation;
    private @Nullable WeightsFrom weightsFrom;

    /**
     * Goes on from the last status of the same record, where there is one.
     *
     * @param records of the job's record
     */
    JobStatusTracker(
            TrainingJob job, String digest, JobRecords records, @Nullable JobStatus last, InstantSource clock) {
        this.job = job;
        this.digest = digest;
        this.records = records;
        this.delivery = records.cause().deliveryCount().map(Short::intValue).orElse(null);
        this.clock = clock;
        this.attempt = last == null ? 1 : last.attempt() + 1;
        this.startedAt = last == null || last.startedAt() == null ? clock.instant() : last.startedAt();
        if (last != null) {
            crashes = last.crashes() + (isCrash(last) ? 1 : 0);
            epoch = last.epoch();
            progress = last.progress();
            best = last.best();
            warnings = last.warnings();
            sweep = last.sweep();
            crossValidation = last.crossValidation();
            features = last.features();
        }
    }

    /** A queue that lost its memory (the broker started again) hands a record out anew and counts on from before. */
    private boolean isCrash(JobStatus last) {
        return last.state() == JobState.RUNNING && (delivery == null || !delivery.equals(last.delivery()));
    }

    /** The record was taken off the queue, but its job not tried. */
    synchronized void notTried() {
        attempt--;
    }

    /** When the first attempt began. */
    synchronized Instant startedAt() {
        return startedAt;
    }

    /** Attempts in a row that ended without a last status and saved nothing; a hand-over is no crash. */
    synchronized int crashes() {
        return crashes;
    }

    /** @param warned of this attempt: the checks of a data set are made once, so a resumed job keeps what they found */
    synchronized void started(@Nullable EpochResult resumed, List<String> warned) {
        resumedFrom = resumed == null ? null : resumed.epoch();
        Set<String> all = new LinkedHashSet<>();
        if (resumed != null && warnings != null) {
            all.addAll(warnings);
        }
        all.addAll(warned);
        warnings = all.isEmpty() ? null : List.copyOf(all);
    }

    /** Adds those that are not there yet to the warnings. */
    synchronized void warn(List<String> more) {
        if (!more.isEmpty()) {
            warnings = Stream.concat(warnings == null ? Stream.empty() : warnings.stream(), more.stream())
                    .distinct()
                    .toList();
        }
    }

    /** The checkpoint that the weights of a model mean, where it is known. */
    synchronized Optional<WeightsFrom> weightsFrom() {
        return Optional.ofNullable(weightsFrom);
    }

    synchronized void startsFrom(WeightsFrom checkpoint) {
        weightsFrom = checkpoint;
    }

    synchronized void batchEnded(BatchResult batch) {
        progress = Math.max(0, Math.min(1, batch.progress()));
        eta = batch.eta();
    }

    synchronized void featuresChanged(FeatureCounts counts) {
        features = counts;
    }

    /** The status that goes out with variants' events; until they are committed, no other status says so. */
    synchronized JobStatus with(SweepStatus status) {
        return next(JobState.RUNNING).sweep(status).build();
    }

    /** Variants' events are committed. */
    synchronized void published(SweepStatus status) {
        sweep = status;
        crashes = 0;
    }

    /** The status that goes out with a fold's events; until they are committed, no other status says so. */
    synchronized JobStatus with(CrossValidation soFar) {
        return next(JobState.RUNNING).crossValidation(soFar).build();
    }

    /** A fold's events are committed. */
    synchronized void published(CrossValidation soFar) {
        crossValidation = soFar;
        crashes = 0;
    }

    /** How many folds were published, by this worker or one before. */
    synchronized int foldsPublished() {
        return crossValidation == null ? 0 : crossValidation.folds();
    }

    /** How many variants of a sweep were published, by this worker or one before. */
    synchronized int variantsPublished() {
        return sweep == null ? 0 : sweep.done();
    }

    /** The status that goes out with an epoch's events; until they are committed, no other status says so. */
    synchronized JobStatus with(EpochResult result) {
        return next(JobState.RUNNING).epoch(result.epoch()).best(result.best()).build();
    }

    /** An epoch's events are committed. */
    synchronized void published(EpochResult result) {
        epoch = result.epoch();
        best = result.best();
    }

    /** The job got further, even if no epoch is finished. */
    synchronized void saved() {
        crashes = 0;
    }

    synchronized void because(String why) {
        reason = why;
    }

    /** A status that is not the last one. */
    synchronized JobStatus now(JobState state) {
        return next(state).build();
    }

    synchronized JobStatus ended(JobState state, @Nullable ErrorDetail error) {
        progress = state == JobState.SUCCEEDED ? 1 : progress;
        eta = null;
        return next(state).finishedAt(clock.instant()).error(error).build();
    }

    /** The same job waits on under another record, at that offset. */
    synchronized JobStatus requeued(long newOffset) {
        return next(JobState.QUEUED).jobOffset(newOffset).delivery(null).build();
    }

    private JobStatusBuilder next(JobState state) {
        sequence++;
        return JobStatus.builder(job.jobId(), state, clock.instant())
                .model(job.model())
                .worker(records.worker())
                .epoch(epoch)
                .epochs(job.epochs())
                .progress(progress)
                .etaSeconds(eta == null ? null : eta.toMillis() / 1000.0)
                .best(best)
                .resumedFromEpoch(resumedFrom)
                .attempt(attempt)
                .crashes(crashes)
                .sequence(sequence)
                .startedAt(startedAt)
                .reason(reason)
                .warnings(warnings)
                .jobDigest(digest)
                .jobOffset(records.cause().offset())
                .jobTopicId(records.topicId().isEmpty() ? null : records.topicId())
                .delivery(delivery)
                .features(features)
                .crossValidation(crossValidation)
                .sweep(sweep)
                .weightsFrom(weightsFrom);
    }
}
