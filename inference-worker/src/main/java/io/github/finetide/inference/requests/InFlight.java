package io.github.finetide.inference.requests;

import java.time.Duration;
import java.util.function.IntConsumer;
import java.util.function.IntSupplier;

/**
 * How much has been taken and not yet answered. Above the high mark partitions are paused, below half of it they go
 * on; between the two nothing changes, so that batches keep filling meanwhile. What waits for a source or a model that
 * is away has a mark of its own: it needs little, and shall not stop the others.
 */
public final class InFlight {
    private final Mark inWork;
    private final Mark away;
    private final Mark bytes;
    private final IntSupplier aside;
    private final IntConsumer changes;
    private int count;
    private long size;

    /**
     * @param high requests in work; so many that the network finds full batches, so few that a successor repeats little
     * @param mostAside requests that wait for what is away
     * @param highBytes of record keys and values
     * @param aside how many of those in hand wait for what is away
     * @param changes told of each +1 and -1
     */
    public InFlight(int high, int mostAside, long highBytes, IntSupplier aside, IntConsumer changes) {
        this.inWork = new Mark(high);
        this.away = new Mark(mostAside);
        this.bytes = new Mark(highBytes);
        this.aside = aside;
        this.changes = changes;
    }

    synchronized void enter(long recordBytes) {
        count++;
        size += recordBytes;
        changes.accept(1);
    }

    public synchronized void leave(long recordBytes) {
        count--;
        size -= recordBytes;
        changes.accept(-1);
        if (hasRoom()) {
            notifyAll();
        }
    }

    /** Waits until half of what filled the hand is gone, and no longer than the limit. */
    synchronized void awaitRoom(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        long left = limit.toMillis();
        // If it is full of what waits for others, nobody says when those are back.
        boolean willBeTold = inWork.full || bytes.full;
        while (left > 0 && !(willBeTold && hasRoom())) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
    }

    /** As if nothing waited for what is away; whoever does not know that waits a little too long. */
    private boolean hasRoom() {
        return inWork.hasRoom(count) && bytes.hasRoom(size);
    }

    boolean isFull() {
        int waiting = aside.getAsInt();
        synchronized (this) {
            inWork.look(count - waiting);
            away.look(waiting);
            bytes.look(size);
            return inWork.full || away.full || bytes.full;
        }
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
