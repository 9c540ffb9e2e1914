package io.github.finetide.trainer.jobs;

import io.github.finetide.runtime.RetryPolicy;
import java.time.Duration;
import java.time.InstantSource;

/** Limits as in earnest, with pauses of a millisecond. */
final class Quickly {
    static final RetryPolicy OUTAGES = quick(OutageWait.POLICY);

    private Quickly() {}

    static Retrying retrying(Obstacle obstacle, StopSignal stopping, InstantSource clock) {
        return new Retrying(quick(Retrying.POLICY), obstacle, stopping, clock);
    }

    private static RetryPolicy quick(RetryPolicy policy) {
        return new RetryPolicy(policy.attempts(), Duration.ofMillis(1), Duration.ofMillis(1), policy.patience());
    }
}
