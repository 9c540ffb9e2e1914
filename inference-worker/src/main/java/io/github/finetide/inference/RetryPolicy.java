package io.github.finetide.inference;

import java.time.Duration;

/**
 * When transient faults (host away, 5xx, store away) are tried again.
 *
 * @param attempts tries in all
 * @param first pause after the first; each further one is twice as long
 * @param longest pause
 */
record RetryPolicy(int attempts, Duration first, Duration longest) {
    /** Pauses of 0.2, 0.4, 0.8, 1.6 and 3.2 s: a restarting server is back by then, a user still there. */
    static final RetryPolicy DEFAULT = new RetryPolicy(6, Duration.ofMillis(200), Duration.ofSeconds(4));

    boolean permits(int attemptsMade) {
        return attemptsMade < attempts;
    }

    Duration pauseAfter(int attemptsMade) {
        long millis = first.toMillis() << Math.min(attemptsMade - 1, 20);
        return Duration.ofMillis(Math.min(millis, longest.toMillis()));
    }
}
