package io.github.finetide.inference.requests;

import java.time.Duration;
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
    private final String topicId;
    private long next;
    private long committedBase;
    private Holding holding = Holding.NONE;
    private long heldSince;
    private int triedAlone;
    private boolean closed;

    /**
     * @param start what the group had committed, or null if nothing
     * @param topicId of the partition's topic; empty where it is not known
     */
    PartitionLedger(@Nullable CommittedOffsets start, String topicId) {
        this.topicId = topicId;
        if (start != null) {
            next = start.base();
            committedBase = next;
            answered.addAll(start.answered());
            holding = start.holding();
        }
    }

    String topicId() {
        return topicId;
    }

    /** Whether the partition is this topic's, as far as that is known. */
    boolean isOf(String id) {
        return topicId.isEmpty() || topicId.equals(id);
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
        PartitionLedger after = new PartitionLedger(null, topicId);
        after.next = next;
        after.open.addAll(open);
        after.answered.addAll(answered);
        after.answer(inTransaction);
        long base = after.base();
        return new CommittedOffsets(
                base,
                new TreeSet<>(after.answered.tailSet(base)),
                inTransaction.contains(holding.alone()) ? holding.answered() : holding,
                topicId);
    }

    /** The transaction with the results of these offsets was committed, with this base of what {@link #with} said. */
    synchronized void committed(Collection<Long> inTransaction, long base) {
        answer(inTransaction);
        committedBase = base;
        if (inTransaction.contains(holding.alone())) {
            holding = holding.answered();
        }
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

    /** To be committed before anything is taken. */
    synchronized void hold(String owner, long nowNanos) {
        holding = holding.takenBy(owner);
        heldSince = nowNanos;
    }

    /** To be committed before another may have it. */
    synchronized void giveBack() {
        holding = holding.givenBack();
    }

    /** Whether so many owners ended with this partition that its requests go one by one. */
    synchronized boolean isCareful() {
        return holding.isCareful();
    }

    /** To be committed before the request goes on, alone. After {@code suspects} of them the culprit is none of these. */
    synchronized void tryAlone(long offset, int suspects) {
        triedAlone++;
        holding = triedAlone > suspects ? holding.harmless() : holding.trying(offset);
    }

    /** Whether this request, alone, ended so many owners that it is not tried again. */
    synchronized boolean isDeadly(long offset) {
        return holding.isDeadly(offset);
    }

    /** Whatever was in flight when the former owner ended has been through: it ended for another reason. */
    synchronized void forgetDeathsAfter(Duration harmless, long nowNanos) {
        if (!isCareful() && holding.deaths() > 0 && nowNanos - heldSince > harmless.toNanos()) {
            holding = holding.harmless();
        }
    }

    /** The partition went away, or is read again: what is in flight is dropped. */
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
