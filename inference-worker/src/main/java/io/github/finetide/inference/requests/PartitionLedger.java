package io.github.finetide.inference.requests;

import java.util.Collection;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * One partition for as long as this worker owns it: which offsets are in flight, and the results of which are
 * committed. A request carries the ledger it was taken under; once that is closed, this worker no longer answers it.
 */
public final class PartitionLedger {
    private final NavigableSet<Long> open = new TreeSet<>();
    private final NavigableSet<Long> answered = new TreeSet<>();
    private long next;
    private long committedBase;
    private boolean closed;

    /** @param start what the group had committed, or null if nothing */
    public PartitionLedger(@Nullable CommittedOffsets start) {
        if (start != null) {
            next = start.base();
            committedBase = next;
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

    /** Whether the metadata has room to say that this offset is answered; if not, it waits for those before it. */
    synchronized boolean fits(long offset) {
        return CommittedOffsets.fits(base(), offset);
    }

    /** What to commit in a transaction with the results of these offsets. Changes nothing: it may be aborted. */
    synchronized CommittedOffsets with(Collection<Long> inTransaction) {
        PartitionLedger after = new PartitionLedger(null);
        after.next = next;
        after.open.addAll(open);
        after.answered.addAll(answered);
        after.answer(inTransaction);
        long base = after.base();
        return new CommittedOffsets(base, new TreeSet<>(after.answered.tailSet(base)));
    }

    /** The transaction with the results of these offsets was committed, with this base of what {@link #with} said. */
    synchronized void committed(Collection<Long> inTransaction, long base) {
        answer(inTransaction);
        committedBase = base;
    }

    private void answer(Collection<Long> offsets) {
        offsets.forEach(open::remove);
        answered.addAll(offsets);
        answered.headSet(base(), false).clear();
    }

    /** Everything before this position has been polled: what no record stands for, such as a transaction's end, too. */
    synchronized void reached(long position) {
        next = Math.max(next, position);
    }

    /** Whether nothing is in flight, and yet the group's offset is not where this worker reads. */
    synchronized boolean isAheadOfItsCommit() {
        return !closed && open.isEmpty() && base() > committedBase;
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
