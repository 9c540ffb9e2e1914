package io.github.finetide.runtime;

import java.time.Duration;

/**
 * When transient faults (host away, 5xx, store away) are tried again.
 *
 * @param attempts tries in all
 * @param first pause after the first; each further one is twice as long
 * @param longest pause
 * @param patience after the first fault, or in waiting for a source that is away; then the request is given up
 */
public record RetryPolicy(int attempts, Duration first, Duration longest, Duration patience) {
    /**
     * Pauses of 0.2, 0.4, 0.8, 1.6 and 3.2 s: a restarting server is back by then, a user still there. A server that
     * only ever begins to answer takes 30 s of time-out each try: two of those are enough.
     */
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(6, Duration.ofMillis(200), Duration.ofSeconds(4), Duration.ofSeconds(45));

    /** Whether to try again; {@code sinceFirstFault} is how long it has been tried in vain. */
    public boolean permits(int attemptsMade, Duration sinceFirstFault) {
        return attemptsMade < attempts && !isOver(sinceFirstFault);
    }

    public boolean isOver(Duration inVain) {
        return inVain.compareTo(patience) > 0;
    }

    public Duration pauseAfter(int attemptsMade) {
        long millis = first.toMillis() << Math.min(attemptsMade - 1, 20);
        return Duration.ofMillis(Math.min(millis, longest.toMillis()));
    }
}
