package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.runtime.Health;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What keeps this worker from working now: a check of its readiness. It is logged once when it appears and once when it
 * is gone, however often it is met in between. Used by any thread.
 */
final class Obstacle implements Health.Check {
    private static final Logger log = LoggerFactory.getLogger(Obstacle.class);

    private @Nullable String problem;
    private String logged = "";

    /** Something cannot be done, for this reason; it will be tried again. */
    synchronized void met(String doing, Throwable why) {
        String now = "cannot " + doing + ": " + KafkaFaults.text(why);
        if (!now.equals(logged)) {
            log.atWarn().addKeyValue("problem", now).log("This worker cannot work now, and tries again");
        }
        problem = now;
        logged = now;
    }

    /** The worker works. */
    synchronized void gone() {
        if (!logged.isEmpty()) {
            log.atInfo().addKeyValue("problem", logged).log("This worker works again");
        }
        problem = null;
        logged = "";
    }

    /** What could not be done is not wanted any more; the next one may meet the same again, which is not logged anew. */
    synchronized void left() {
        problem = null;
    }

    @Override
    public synchronized @Nullable String problem() {
        return problem;
    }
}
