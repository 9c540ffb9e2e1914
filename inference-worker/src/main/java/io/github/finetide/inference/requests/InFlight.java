package io.github.finetide.inference.requests;

import java.time.Duration;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/**
 * How many requests have been taken and are not answered yet. Above the high mark partitions are paused, below half of it
 * they go on; between the two nothing changes, so that batches keep filling meanwhile. What waits for a source, a model or
 * a topic that is away has a mark of its own: it needs little, and must not stop the others.
 */
public final class InFlight {
    private final Mark active;
    private final Mark away;
    private final Mark bytes;
    private final IntSupplier aside;
    private final IntConsumer changes;
    private int count;
    private long size;

    /**
     * @param high requests that are not aside; so many that the network finds full batches, so few that a successor repeats little
     * @param mostAside requests that wait for what is away
     * @param highBytes of record keys and values
     * @param aside how many of those in flight wait for what is away
     * @param changes receives each +1 and -1
     */
    public InFlight(int high, int mostAside, long highBytes, IntSupplier aside, IntConsumer changes) {
        this.active = new Mark(high);
        this.away = new Mark(mostAside);
        this.bytes = new Mark(highBytes);
        this.aside = aside;
        this.changes = changes;
    }

    /** What one request takes; to be left once. */
    public final class Slot {
        private final long recordBytes;

        private Slot(long recordBytes) {
            this.recordBytes = recordBytes;
        }

        public void leave() {
            InFlight.this.leave(recordBytes);
        }
    }

    synchronized Slot enter(long recordBytes) {
        count++;
        size += recordBytes;
        changes.accept(1);
        return new Slot(recordBytes);
    }

    private synchronized void leave(long recordBytes) {
        count--;
        size -= recordBytes;
        changes.accept(-1);
        if (hasRoom()) {
            notifyAll();
        }
    }

    /** Waits until half of what filled it is gone, and no longer than the limit. */
    synchronized void awaitRoom(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        long left = limit.toMillis();
        // Where it is full of what waits for others, nobody notifies when those are back.
        boolean isNotified = active.full || bytes.full;
        while (left > 0 && !(isNotified && hasRoom())) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
    }

    /** Counts what waits for what is away as if it did not: whoever waits for room may wait a little too long. */
    private boolean hasRoom() {
        return active.hasRoom(count) && bytes.hasRoom(size);
    }

    boolean isFull() {
        int waiting = aside.getAsInt();
        synchronized (this) {
            active.look(count - waiting);
            away.look(waiting);
            bytes.look(size);
            return active.full || away.full || bytes.full;
        }
    }

    /** Whether any request is on its way, and does not merely wait for what is away. */
    boolean isActive() {
        int waiting = aside.getAsInt();
        return count() > waiting;
    }

    synchronized int count() {
        return count;
    }

    /** Full from its value on until half of it is gone. */
    private static final class Mark {
        private final long high;
        private boolean full;

        Mark(long high) {
            this.high = high;
        }

        void look(long value) {
            full = value >= high || (full && value > high / 2);
        }

        boolean hasRoom(long value) {
            return value <= high / 2 || (!full && value < high);
        }
    }
}
