package io.github.finetide.trainer.jobs;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Whether this worker is to stop; waits end at once when it is. */
public final class StopSignal {
    /** Reserved for the last status and for leaving Kafka's groups, where a job does not reach a place to stop at. */
    private static final Duration RESERVE = Duration.ofSeconds(8);

    private final CountDownLatch requested = new CountDownLatch(1);
    private final Duration patience;
    private volatile long requestedAtNanos;

    /** A worker that has all the time it needs to stop. */
    public StopSignal() {
        patience = Duration.ofDays(1);
    }

    /** @param grace after which the process ends, whatever it is doing */
    public StopSignal(Duration grace) {
        Duration half = grace.dividedBy(2);
        patience = grace.minus(RESERVE).compareTo(half) > 0 ? grace.minus(RESERVE) : half;
    }

    public void request() {
        requestedAtNanos = System.nanoTime();
        requested.countDown();
    }

    /** Whether the job's current step can no longer be waited for. */
    boolean isLate() {
        return isRequested() && System.nanoTime() - requestedAtNanos > patience.toNanos();
    }

    boolean isRequested() {
        return requested.getCount() == 0;
    }

    /** Waits this long, or until the worker is to stop; returns whether it is to stop. */
    boolean await(Duration time) {
        try {
            return requested.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
