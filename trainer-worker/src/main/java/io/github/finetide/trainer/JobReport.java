package io.github.finetide.trainer;

import io.github.finetide.message.Best;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.TrainingJob;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything that a job's statuses tell, as it stands now. Used by the job's thread. */
final class JobReport {
    private final TrainingJob job;
    private final String digest;
    private final long offset;
    private final String worker;
    private final Clock clock;
    private final int attempt;
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

    /** Goes on from the last status of the same record, where there is one. */
    JobReport(TrainingJob job, String digest, long offset, @Nullable JobStatus last, String worker, Clock clock) {
        this.job = job;
        this.digest = digest;
        this.offset = offset;
        this.worker = worker;
        this.clock = clock;
        this.attempt = last == null ? 1 : last.attempt() + 1;
        this.startedAt = last == null || last.startedAt() == null ? clock.instant() : last.startedAt();
        if (last != null) {
            crashes = last.crashes() + (last.state() == JobState.RUNNING ? 1 : 0);
            epoch = last.epoch();
            progress = last.progress();
            best = last.best();
            warnings = last.warnings();
        }
    }

    /** When the first attempt began. */
    Instant startedAt() {
        return startedAt;
    }

    /** Attempts in a row that ended without a word and without a finished epoch; a hand-over is no crash. */
    int crashes() {
        return crashes;
    }

    void started(@Nullable EpochResult resumed, List<String> warned) {
        if (resumed != null) {
            epoch = resumed.epoch();
            best = resumed.best();
            resumedFrom = resumed.epoch();
        }
        warnings = warned.isEmpty() ? null : warned;
    }

    void batchEnded(BatchResult batch) {
        progress = Math.max(0, Math.min(1, batch.progress()));
        eta = batch.eta();
    }

    void epochEnded(EpochResult result) {
        epoch = result.epoch();
        best = result.best();
        crashes = 0;
    }

    void because(String why) {
        reason = why;
    }

    /** A status that is not the last one. */
    JobStatus now(JobState state) {
        sequence++;
        return status(state, null, null);
    }

    JobStatus ended(JobState state, @Nullable ErrorDetail error) {
        sequence++;
        progress = state == JobState.SUCCEEDED ? 1 : progress;
        eta = null;
        return status(state, clock.instant(), error);
    }

    private JobStatus status(JobState state, @Nullable Instant finishedAt, @Nullable ErrorDetail error) {
        return new JobStatus(
                job.jobId(),
                job.model(),
                state,
                worker,
                epoch,
                job.epochs(),
                progress,
                eta == null ? null : eta.toMillis() / 1000.0,
                best,
                resumedFrom,
                attempt,
                crashes,
                sequence,
                startedAt,
                clock.instant(),
                finishedAt,
                error,
                reason,
                warnings,
                digest,
                offset);
    }
}
