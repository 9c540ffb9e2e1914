package io.github.finetide.trainer.jobs;

import io.github.finetide.runtime.RetryPolicy;
import java.time.Duration;
import java.time.InstantSource;

/**
 * How what Kafka refused is tried again.
 *
 * @param obstacle is met at each failure, and gone with the first success
 * @param stopping cuts every pause short
 */
record Retrying(RetryPolicy policy, Obstacle obstacle, StopSignal stopping, InstantSource clock) {
    /** A broker may be away for minutes (an upgrade, a new leader). */
    static final Duration BROKER_AWAY_LIMIT = Duration.ofMinutes(15);

    /** Between two tries: some people wait for their status. */
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /** Of what one job wants done, whose record is held meanwhile. */
    static final RetryPolicy POLICY = new RetryPolicy(Integer.MAX_VALUE, FIRST_PAUSE, LONGEST_PAUSE, BROKER_AWAY_LIMIT);

    /** Waits after so many failures in a row; returns whether the worker is to stop. */
    boolean pause(int failures) {
        return stopping.await(policy.pauseAfter(failures));
    }
}
