package io.github.finetide.trainer.training;

import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits out a store or a file server that cannot be reached, within a limit, and obeys commands meanwhile. */
final class Patience {
    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

    /** Long enough for a store to be restarted or failed over; after it the job fails and keeps its checkpoints. */
    static final Duration MAX_OUTAGE = Duration.ofMinutes(10);

    private static final Duration FIRST_WAIT = Duration.ofMillis(500);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);
    private static final Duration LOOK_UP = Duration.ofMillis(500); // a command waits no longer than this

    private final ControlPoint gate;
    private final Duration firstWait;
    private final Duration maxOutage;

    Patience(ControlPoint gate) {
        this(gate, FIRST_WAIT, MAX_OUTAGE);
    }

    Patience(ControlPoint gate, Duration firstWait, Duration maxOutage) {
        this.gate = gate;
        this.firstWait = firstWait;
        this.maxOutage = maxOutage;
    }

    /**
     * Does the work, again and again while it fails with something transient.
     *
     * @throws FaultException the last one, when the limit is reached or it is not transient
     * @throws StopTrainingException when the job is to stop meanwhile
     */
    <T> T retry(String what, Supplier<T> work) {
        long end = System.nanoTime() + maxOutage.toNanos();
        Duration wait = firstWait;
        while (true) {
            Duration pause;
            try {
                return work.get();
            } catch (FaultException failed) {
                pause = failed.pause(wait);
                if (!failed.kind().isTransient() || System.nanoTime() + pause.toNanos() > end) {
                    throw failed;
                }
                LOG.warn(
                        "failed, will be tried again: work={} waitMillis={} reason={}",
                        what,
                        pause.toMillis(),
                        failed.getMessage());
            }
            sleep(pause);
            wait = wait.multipliedBy(2).compareTo(LONGEST_WAIT) < 0 ? wait.multipliedBy(2) : LONGEST_WAIT;
        }
    }

    private void sleep(Duration wait) {
        long end = System.nanoTime() + wait.toNanos();
        for (long left = wait.toNanos(); left > 0; left = end - System.nanoTime()) {
            gate.stopIfTold();
            try {
                Thread.sleep(Duration.ofNanos(Math.min(left, LOOK_UP.toNanos())).toMillis() + 1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StopTrainingException(Directive.HAND_OVER);
            }
        }
    }
}
