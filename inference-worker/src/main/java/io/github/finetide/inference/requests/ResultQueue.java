package io.github.finetide.inference.requests;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Results that are not committed yet. Decides which go into the next transaction: what cannot be published waits or is
 * given up by itself, and keeps no other back. For the {@link Publisher}'s lock alone.
 *
 * <p>See RATIONALE.md, What becomes of a record that its topic refuses?
 */
public final class ResultQueue {
    /** Results in one transaction; their offsets fit in the commit's metadata. */
    static final int MAX_RESULTS = 2_000;

    /** Results that wait for a topic of dead letters; further ones go without their letters. */
    static final int MOST_WAITING = 500;

    static final long MOST_WAITING_BYTES = 8L << 20;

    private static final Logger log = LoggerFactory.getLogger(ResultQueue.class);

    private final Function<RequestResult, List<OutgoingRecord>> records;
    private final OutputTopics topics;
    private final PublicationListener listener;
    private List<PendingResult> pending = new ArrayList<>();
    /** Of the last {@link #take}, for other threads to see. */
    private volatile int waiting;

    private int waitingNow;
    private long waitingBytes;

    public ResultQueue(ResultRecords records, OutputTopics topics, PublicationListener listener) {
        this(records::of, topics, listener);
    }

    ResultQueue(
            Function<RequestResult, List<OutgoingRecord>> records, OutputTopics topics, PublicationListener listener) {
        this.records = records;
        this.topics = topics;
        this.listener = listener;
    }

    void add(RequestResult result) {
        pending.add(new PendingResult(result, records.apply(result)));
    }

    boolean isLong() {
        return pending.size() - waiting >= MAX_RESULTS;
    }

    int waiting() {
        return waiting;
    }

    @Nullable String problem() {
        return topics.problem();
    }

    /** Takes what can go now. Of a partition that is not this worker's any more, results are dropped. */
    List<PendingResult> take(AssignedPartitions owned, TransactionSize size) {
        List<PendingResult> now = new ArrayList<>();
        List<PendingResult> later = new ArrayList<>();
        long bytes = 0;
        waitingNow = 0;
        waitingBytes = 0;
        for (PendingResult result : pending) {
            if (!owned.contains(result.place())) {
                result.drop();
            } else if (isWritable(result) && fits(result, now, bytes, size)) {
                now.add(result);
                bytes += result.bytes();
            } else {
                later.add(result);
            }
        }
        pending = later;
        waiting = waitingNow;
        return now;
    }

    private static boolean fits(PendingResult result, List<PendingResult> now, long bytes, TransactionSize size) {
        if (!result.place().ledger().fits(result.place().offset())) {
            return false;
        }
        boolean shared = !result.goesAlone() && (now.isEmpty() || !now.get(0).goesAlone());
        return now.isEmpty() || (shared && now.size() < MAX_RESULTS && size.fits(bytes, result.bytes()));
    }

    private boolean isWritable(PendingResult result) {
        boolean writable = true;
        for (OutgoingRecord record : List.copyOf(result.records())) {
            if (topics.isOpen(record.topic())) {
                continue;
            }
            if (record.isLetter() && isGivenUp(record)) {
                giveUp(result, record, "not_writable");
            } else {
                writable = false;
            }
        }
        return writable;
    }

    private boolean isGivenUp(OutgoingRecord letter) {
        if (!topics.isFailing(letter.topic())) {
            return false;
        }
        boolean tooMany = waitingNow >= MOST_WAITING || waitingBytes + letter.bytes() > MOST_WAITING_BYTES;
        if (tooMany || topics.isGivenUp(letter.topic())) {
            return true;
        }
        waitingNow++;
        waitingBytes += letter.bytes();
        return false;
    }

    private void giveUp(PendingResult result, OutgoingRecord record, String reason) {
        result.giveUp(record);
        log.atError()
                .addKeyValue("topic", record.topic())
                .addKeyValue("reason", reason)
                .addKeyValue("partition", result.place().record().partition())
                .addKeyValue("offset", result.place().offset())
                .log("Record of a request given up: the request counts as answered");
        listener.givenUp(record.topic(), reason);
    }

    /**
     * Finds what failed a transaction: a record that its topic refuses, or a topic that cannot be written.
     *
     * @return whether anything was found, so that the next one does better
     */
    boolean blame(ResultTransaction transaction, RuntimeException why, List<PendingResult> now) {
        transaction.failedWith(why);
        boolean found = false;
        for (PendingResult result : now) {
            for (OutgoingRecord record : List.copyOf(result.records())) {
                found |= refused(transaction, result, record, now.size() == 1);
                found |= topicFailed(transaction, record);
            }
        }
        return found;
    }

    private boolean refused(ResultTransaction transaction, PendingResult result, OutgoingRecord record, boolean alone) {
        Exception refusal = transaction.refusal(record);
        if (refusal == null) {
            return false;
        }
        if (!alone) {
            result.goAlone();
        } else if (!result.shorten(record)) {
            giveUp(result, record, "refused");
        }
        return true;
    }

    private boolean topicFailed(ResultTransaction transaction, OutgoingRecord record) {
        Exception failure = transaction.topicFailure(record);
        if (failure == null) {
            return false;
        }
        Set<String> names = failure instanceof TopicAuthorizationException denied
                ? denied.unauthorizedTopics()
                : Set.of(record.topic());
        (names.isEmpty() ? Set.of(record.topic()) : names).forEach(name -> topics.failed(name, failure));
        return true;
    }

    void putBack(List<PendingResult> now) {
        now.addAll(pending);
        pending = now;
    }

    void committed(List<PendingResult> now) {
        Set<String> written = new HashSet<>();
        for (PendingResult result : now) {
            written.addAll(result.topics());
            result.place().slot().leave();
            listener.published(result.result());
        }
        topics.written(written);
    }

    void clear() {
        pending.forEach(PendingResult::drop);
        pending = new ArrayList<>();
        waiting = 0;
    }
}
