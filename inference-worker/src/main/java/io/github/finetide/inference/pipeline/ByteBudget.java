package io.github.finetide.inference.pipeline;

import java.util.concurrent.Semaphore;

/** Memory that several threads share: who asks for more than is left waits. First come, first served. */
final class ByteBudget {
    private final Semaphore units;
    private final long bytesPerUnit;
    private final int total;

    ByteBudget(long limitBytes) {
        bytesPerUnit = limitBytes / Integer.MAX_VALUE + 1; // a semaphore counts in ints
        total = (int) Math.max(1, limitBytes / bytesPerUnit);
        units = new Semaphore(total, true);
    }

    /** Waits for the bytes; one that is larger than the whole budget gets it all, alone. */
    void acquire(long bytes) throws InterruptedException {
        units.acquire(unitsOf(bytes));
    }

    /** @param bytes as they were asked for */
    void release(long bytes) {
        units.release(unitsOf(bytes));
    }

    long used() {
        return (total - units.availablePermits()) * bytesPerUnit;
    }

    private int unitsOf(long bytes) {
        return (int) Math.min(total, (bytes + bytesPerUnit - 1) / bytesPerUnit);
    }
}
