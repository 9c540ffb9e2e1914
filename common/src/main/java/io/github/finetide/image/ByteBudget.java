package io.github.finetide.image;

import java.util.concurrent.Semaphore;

/** Memory that several threads share: who asks for more than is left waits. First come, first served. */
public final class ByteBudget {
    private final Semaphore units;
    private final long bytesPerUnit;
    private final int total;

    /** A budget of so many bytes. */
    public ByteBudget(long limitBytes) {
        bytesPerUnit = limitBytes / Integer.MAX_VALUE + 1; // a semaphore counts in ints
        total = (int) Math.max(1, limitBytes / bytesPerUnit);
        units = new Semaphore(total, true);
    }

    /** Waits for the bytes; one that is larger than the whole budget gets it all, alone. */
    public void acquire(long bytes) throws InterruptedException {
        units.acquire(unitsOf(bytes));
    }

    /**
     * Gives back what was acquired.
     *
     * @param bytes as they were asked for
     */
    public void release(long bytes) {
        units.release(unitsOf(bytes));
    }

    /** Bytes that are taken now, rounded up to whole units. */
    public long used() {
        return (total - units.availablePermits()) * bytesPerUnit;
    }

    private int unitsOf(long bytes) {
        return (int) Math.min(total, (bytes + bytesPerUnit - 1) / bytesPerUnit);
    }
}
