package io.github.finetide.inference.requests;

import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One partition for as long as this worker owns it: which offsets are in hand and which are
 * answered. RequestInFlight carries the ledger it was taken under; once that is closed, nobody wants the work.
 */
public final class PartitionLedger {
    private final NavigableSet<Long> open = new TreeSet<>();
    private final NavigableSet<Long> answered = new TreeSet<>();
    private long next;
    private boolean closed;

    /** @param start what the group had committed, or null if nothing */
    public PartitionLedger(@Nullable CommittedOffsets start) {
        if (start != null) {
            next = start.base();
            answered.addAll(start.answered());
        }
    }

    /** Takes a record into hand; false if it has been answered before, or nobody owns it now. */
    public synchronized boolean take(long offset) {
        if (closed || offset < base()) {
            return false;
        }
        next = Math.max(next, offset + 1);
        return !answered.contains(offset) && open.add(offset);
    }

    /**
     * Counts an offset as answered, once and for all: what {@link #progress} says next is committed
     * with the answer. False if it lies too far ahead to be told from the metadata: try later.
     */
    synchronized boolean answer(long offset) {
        if (answered.contains(offset) || offset < base()) {
            return true;
        }
        if (!CommittedOffsets.fits(base(), offset)) {
            return false;
        }
        open.remove(offset);
        answered.add(offset);
        return true;
    }

    synchronized CommittedOffsets progress() {
        answered.headSet(base(), false).clear();
        return new CommittedOffsets(base(), new TreeSet<>(answered));
    }

    /** Whether more may be taken without outrunning the metadata. */
    synchronized boolean hasRoom(int records) {
        return CommittedOffsets.fits(base(), next + records);
    }

    /** The partition went away, or is read again: what is in hand is dropped. */
    public synchronized void close() {
        closed = true;
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    private long base() {
        while (open.isEmpty() && answered.contains(next)) {
            next++;
        }
        return open.isEmpty() ? next : open.first();
    }
}
