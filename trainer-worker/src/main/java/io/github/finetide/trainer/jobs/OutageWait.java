package io.github.finetide.trainer.jobs;

import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for what a job needs and cannot reach: the store, a file server. One limit holds for all of it, counted from the
 * first fault since the job got further than ever before; so it does not matter how many places try again.
 */
final class OutageWait {
    /**
     * Long enough for a store to be restarted or failed over; then the job fails and keeps its checkpoints. The number
     * of tries does not matter.
     */
    static final RetryPolicy POLICY =
            new RetryPolicy(Integer.MAX_VALUE, Duration.ofMillis(500), Duration.ofSeconds(20), Duration.ofMinutes(10));

    private static final Duration LOOK_UP = Duration.ofMillis(500); // a command waits no longer than this
    private static final Logger log = LoggerFactory.getLogger(OutageWait.class);

    private final String jobId;
    private final RetryPolicy policy;
    private final JobControl control;
    private final InstantSource clock;
    private double furthest = -1;
    private int faults;
    private @Nullable Instant firstFault;

    OutageWait(String jobId, RetryPolicy policy, JobControl control, InstantSource clock) {
        this.jobId = jobId;
        this.policy = policy;
        this.control = control;
        this.clock = clock;
    }

    /** The job is at this share of its work: the same place is the same number, however often it is reached. */
    void reached(double progress) {
        if (progress > furthest) {
            furthest = progress;
            firstFault = null;
            faults = 0;
        }
    }

    /**
     * Returns when the next try is due, or earlier when the job is to stop.
     *
     * @throws FaultException the fault, where it does not pass or was waited for long enough
     */
    void await(String doing, FaultException fault) {
        Instant now = clock.instant();
        firstFault = firstFault == null ? now : firstFault;
        Duration pause = fault.pause(policy.pauseAfter(++faults));
        if (!fault.kind().isTransient()
                || policy.isOver(Duration.between(firstFault, now).plus(pause))) {
            throw fault;
        }
        log.atWarn()
                .addKeyValue("job", jobId)
                .addKeyValue("doing", doing)
                .addKeyValue("pauseMillis", pause.toMillis())
                .addKeyValue("reason", fault.getMessage())
                .log("Something is away, trying again");
        pause(pause);
    }

    private void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            if (control.awaitStop(Duration.ofNanos(Math.min(left, LOOK_UP.toNanos())))) {
                return;
            }
        }
    }
}
