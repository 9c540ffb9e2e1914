package io.github.finetide.trainer;

import io.github.finetide.message.TrainingJob;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the training loop is to do next: the user's commands, the job's time limit, this worker's end. */
final class JobControl {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200); // costs nothing while nothing is computed

    /** What a crash costs at most in an epoch that takes hours; saving takes seconds. */
    static final Duration UNSAVED_LIMIT = Duration.ofMinutes(10);

    private final CommandLog commands;
    private final TrainingJob job;
    private final Instant produced;
    private final Stopping stopping;
    private final Clock clock;
    private final @Nullable Instant deadline;
    private int obeyedCheckpoints;
    private Instant savedAt;

    /**
     * Control of a job.
     *
     * @param produced when the broker got the job's record
     * @param started when its first attempt began: {@code maxDuration} counts from there, whoever works on it
     */
    JobControl(
            CommandLog commands, TrainingJob job, Instant produced, Instant started, Stopping stopping, Clock clock) {
        this.commands = commands;
        this.job = job;
        this.produced = produced;
        this.stopping = stopping;
        this.clock = clock;
        this.deadline = job.maxDuration() == null ? null : started.plus(job.maxDuration());
        this.savedAt = clock.instant();
        this.obeyedCheckpoints = wishes().checkpoints(); // those before this attempt were for another one
    }

    /** Asked between any two batches; a checkpoint is asked for once a command. */
    Directive directive() {
        CommandLog.Wishes wishes = wishes();
        if (wishes.cancel() || isOverTime()) {
            return Directive.CANCEL;
        } else if (stopping.isRequested()) {
            return Directive.HAND_OVER;
        } else if (wishes.pause()) {
            obeyedCheckpoints = wishes.checkpoints(); // a pause saves, too
            saved();
            return Directive.PAUSE;
        } else if (wishes.checkpoints() > obeyedCheckpoints) {
            obeyedCheckpoints++;
            saved();
            return Directive.CHECKPOINT;
        } else if (clock.instant().isAfter(savedAt.plus(UNSAVED_LIMIT))) {
            saved();
            return Directive.CHECKPOINT;
        }
        return Directive.CONTINUE;
    }

    /** All that is done is in the store, or will be before anything else is done. */
    void saved() {
        savedAt = clock.instant();
    }

    /** Returns when the job is no longer to pause. */
    void awaitResume() {
        while (directive() == Directive.PAUSE) {
            stopping.await(LOOK_AGAIN);
        }
    }

    boolean isCancelled() {
        return wishes().cancel();
    }

    boolean isOverTime() {
        return deadline != null && clock.instant().isAfter(deadline);
    }

    /** Why a job that obeyed {@link Directive#CANCEL} did. */
    String reason() {
        return isCancelled() || job.maxDuration() == null
                ? "cancelled by command"
                : "maxDuration " + job.maxDuration() + " is over";
    }

    private CommandLog.Wishes wishes() {
        return commands.of(job.jobId(), produced);
    }
}
