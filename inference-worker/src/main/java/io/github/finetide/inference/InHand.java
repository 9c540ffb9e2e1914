package io.github.finetide.inference;

import java.util.function.IntConsumer;

/**
 * How much has been taken and not yet answered. Above the high mark partitions are paused, below
 * the low one they go on; between the two nothing changes, so that batches keep filling meanwhile.
 */
final class InHand {
    private final int high;
    private final long highBytes;
    private final IntConsumer changes;
    private int count;
    private long bytes;
    private boolean full;

    /**
     * @param high requests; so many that the network finds full batches, so few that a successor repeats little
     * @param highBytes of record keys and values
     * @param changes told of each +1 and -1
     */
    InHand(int high, long highBytes, IntConsumer changes) {
        this.high = high;
        this.highBytes = highBytes;
        this.changes = changes;
    }

    synchronized void enter(long recordBytes) {
        count++;
        bytes += recordBytes;
        changes.accept(1);
        full |= count >= high || bytes >= highBytes;
    }

    synchronized void leave(long recordBytes) {
        count--;
        bytes -= recordBytes;
        changes.accept(-1);
        full &= count > high / 2 || bytes > highBytes / 2;
    }

    synchronized boolean isFull() {
        return full;
    }

    synchronized int count() {
        return count;
    }
}
