package io.github.finetide.trainer.jobs;

import io.github.finetide.message.JobState;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.ReleasePolicy;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.store.Found;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.ReviewedData;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a job ends.
 *
 * @param reason for the user; null where the state says it all
 * @param release the checkpoint to announce, if any
 * @param measured the same with its precisions, where they were measured
 * @param findings in the images, where they were looked at
 */
record JobEnding(
        JobState state,
        @Nullable String reason,
        Optional<ModelRelease> release,
        Optional<Found> measured,
        Optional<ReviewedData> findings) {

    /** The end of a job whose images nobody looked at. */
    JobEnding(JobState state, @Nullable String reason, Optional<ModelRelease> release, Optional<Found> measured) {
        this(state, reason, release, measured, Optional.empty());
    }

    static JobEnding finished(TrainingJob job, JobOutcome.Finished outcome, String estimate, Instant now) {
        String reason = switch (outcome.ending()) {
            case ALL_EPOCHS -> null;
            case EARLY_STOPPING ->
                "stopped early: no improvement for "
                        + (job.earlyStopping() == null
                                ? ""
                                : job.earlyStopping().patience() + " epochs");
            case DRY_RUN -> "dry run: " + estimate;
        };
        return new JobEnding(
                JobState.SUCCEEDED,
                reason,
                release(job, outcome.best(), outcome.last(), now),
                outcome.measured(),
                outcome.findings());
    }

    /** What was finished before a job ran out of time is released; what a user cancelled is not. */
    static JobEnding cancelled(TrainingJob job, JobOutcome.Cancelled outcome, JobControl control, Instant now) {
        Optional<ModelRelease> release =
                control.isCancelled() ? Optional.empty() : release(job, outcome.best(), outcome.last(), now);
        return new JobEnding(JobState.CANCELLED, control.reason(), release, Optional.empty());
    }

    private static Optional<ModelRelease> release(
            TrainingJob job, Optional<SavedCheckpoint> best, Optional<SavedCheckpoint> last, Instant now) {
        Optional<SavedCheckpoint> chosen = switch (job.release()) {
            case BEST -> best;
            case LAST -> last;
            case NONE -> Optional.empty();
        };
        String which = job.release() == ReleasePolicy.BEST ? "best" : "last";
        return chosen.map(saved -> new ModelRelease(
                job.model(),
                ModelRelease.version(job.jobId(), saved.epoch()),
                saved.uri(),
                saved.digest(),
                now,
                which + " epoch of job " + job.jobId()));
    }
}
