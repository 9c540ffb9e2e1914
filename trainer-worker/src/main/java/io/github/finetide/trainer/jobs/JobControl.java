package io.github.finetide.trainer.jobs;

import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.progress.Directive;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** What the training loop is to do next: the user's commands, the job's time limit, this worker's end. */
final class JobControl {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200); // costs nothing while nothing is computed

    /** What a crash costs at most in an epoch that takes hours; saving takes seconds. */
    static final Duration UNSAVED_LIMIT = Duration.ofMinutes(10);

    private final CommandLog commands;
    private final TrainingJob job;
    private final Instant produced;
    private final StopSignal stopping;
    private final InstantSource clock;
    private final @Nullable Instant deadline;
    private int obeyedCheckpoints;
    private int askedCheckpoints;
    private Instant savedAt;

    /**
     * Control of a job.
     *
     * @param produced when the broker got the job's record
     * @param started when its first attempt began: {@code maxDuration} counts from there, whoever works on it
     */
    JobControl(
            CommandLog commands,
            TrainingJob job,
            Instant produced,
            Instant started,
            StopSignal stopping,
            InstantSource clock) {
        this.commands = commands;
        this.job = job;
        this.produced = produced;
        this.stopping = stopping;
        this.clock = clock;
        this.deadline = job.maxDuration() == null ? null : started.plus(job.maxDuration());
        this.savedAt = clock.instant();
        this.obeyedCheckpoints = wishes().checkpoints(); // those before this attempt were for another one
    }

    /** Called between any two batches; a checkpoint is asked for until it is in the store. */
    Directive directive() {
        CommandLog.Wishes wishes = wishes();
        if (wishes.cancel() || isOverTime()) {
            return Directive.CANCEL;
        } else if (stopping.isRequested()) {
            return Directive.HAND_OVER;
        } else if (wishes.pause()) {
            return Directive.PAUSE;
        } else if (wishes.checkpoints() > obeyedCheckpoints || clock.instant().isAfter(savedAt.plus(UNSAVED_LIMIT))) {
            askedCheckpoints = wishes.checkpoints();
            return Directive.CHECKPOINT;
        }
        return Directive.CONTINUE;
    }

    /** The checkpoint is in the store that was asked for, however often by then. */
    void checkpointObeyed() {
        obeyedCheckpoints = askedCheckpoints;
        saved();
    }

    /** All that is done is in the store. */
    void saved() {
        savedAt = clock.instant();
    }

    /** Returns when the job is no longer to pause. */
    void awaitResume() {
        saved();
        while (directive() == Directive.PAUSE) {
            stopping.await(LOOK_AGAIN);
        }
    }

    /** Waits so long, or until the worker is to stop or the job was cancelled; returns whether they are. */
    boolean awaitStop(Duration time) {
        return isCancelled() || stopping.await(time);
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
