package io.github.finetide.inference.requests;

import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes results and the offsets of their requests in one transaction. It is opened when the results are there,
 * takes whatever has become ready while the one before it ran, and holds up nobody.
 */
public final class Publisher implements Runnable, AutoCloseable {
    /** How long to look for new results before looking whether to stop. */
    private static final Duration LOOK = Duration.ofMillis(200);

    /** How often positions without results are committed: a console's lag is no older than that. */
    private static final Duration POSITIONS = Duration.ofSeconds(1);

    /** After transactions that failed; soon at first, since the next poll may bring a newer member epoch. */
    private static final RetryPolicy RETRIES =
            new RetryPolicy(Integer.MAX_VALUE, Duration.ofMillis(100), Duration.ofSeconds(4), Duration.ofDays(1));

    private static final int MOST_COUNTED = 1_000;

    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    private final ResultProducer producer;
    private final ResultQueue queue;
    private final AtomicReference<AssignedPartitions> ownership;
    private final RequestsTopic topic;
    private final LongSupplier nanoTime;
    private final BlockingQueue<Supplier<RequestResult>> ready = new LinkedBlockingQueue<>();
    private volatile boolean stopping;
    private volatile boolean rewindNeeded;
    private volatile int failures;
    private volatile @Nullable String failure = "transactions have not begun yet";

    // Guarded by this object's lock: whoever holds it knows that no transaction is open.
    private final TransactionSize size = new TransactionSize();
    private long positionsAt;
    private String producersTopic = "";

    /**
     * @param queue what is not committed yet
     * @param ownership written by the polling thread
     * @param topic of the requests
     * @param nanoTime as {@link System#nanoTime}
     */
    public Publisher(
            ResultProducer producer,
            ResultQueue queue,
            AtomicReference<AssignedPartitions> ownership,
            RequestsTopic topic,
            LongSupplier nanoTime) {
        this.topic = topic;
        this.producer = producer;
        this.queue = queue;
        this.ownership = ownership;
        this.nanoTime = nanoTime;
        this.positionsAt = nanoTime.getAsLong();
    }

    /** Takes a result, to be made on this object's own thread. */
    public void submit(Supplier<RequestResult> result) {
        ready.add(result);
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                if (!(begin() && publish(ready.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS)))) {
                    TimeUnit.MILLISECONDS.sleep(
                            RETRIES.pauseAfter(Math.max(1, failures)).toMillis());
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** Before there is a result: nobody can read the offsets of its partitions until then, not even this worker. */
    synchronized boolean begin() {
        try {
            if (producer.open()) {
                succeeded();
            }
            return true;
        } catch (KafkaException | FaultException why) {
            failed("transactions cannot begin", why);
            return false;
        }
    }

    /** Publishes what is ready; false if that must be tried again. */
    boolean publish() {
        return publish(null);
    }

    /**
     * Runs something while no transaction is open. A partition is given up only so: else its next owner could read the
     * committed offset just before this worker moves it.
     */
    synchronized void exclusively(Runnable action) {
        action.run();
    }

    /** Commits where these partitions stand, and who holds them; false if it must be tried again. */
    synchronized boolean commitNow(Map<TopicPartition, PartitionLedger> ledgers) {
        boolean possible = !rewindNeeded && producer.isOpen();
        return possible && commit(new ArrayList<>(), ledgers, Objects.requireNonNull(ownership.get()));
    }

    /** Whether it is unknown what the last transaction did, so that only the broker knows what is answered. */
    boolean needsRewind() {
        return rewindNeeded;
    }

    /** Every ledger of before is closed: what comes now starts from what the broker says. */
    void rewound() {
        rewindNeeded = false;
    }

    /** Results that wait for a topic which cannot be written now; they take no part in the worker's load. */
    public int waiting() {
        return queue.waiting();
    }

    /** Why results cannot be published, in one sentence; null where they can. */
    public @Nullable String problem() {
        String why = failure;
        return why == null ? queue.problem() : why;
    }

    private synchronized boolean publish(@Nullable Supplier<RequestResult> first) {
        collect(first);
        if (rewindNeeded) {
            return false;
        }
        AssignedPartitions owned = Objects.requireNonNull(ownership.get());
        List<PendingResult> now = queue.take(owned, size);
        Map<TopicPartition, PartitionLedger> positions = now.isEmpty() ? positions(owned) : Map.of();
        return (now.isEmpty() && positions.isEmpty()) || commit(now, positions, owned);
    }

    private void collect(@Nullable Supplier<RequestResult> first) {
        Supplier<RequestResult> next = first == null ? ready.poll() : first;
        while (next != null) {
            queue.add(next.get());
            next = queue.isLong() ? null : ready.poll();
        }
    }

    /** Partitions of which all is answered up to an end that no result stands for: of transactions, of deleted records. */
    private Map<TopicPartition, PartitionLedger> positions(AssignedPartitions owned) {
        long now = nanoTime.getAsLong();
        if (now - positionsAt < POSITIONS.toNanos()) {
            return Map.of();
        }
        positionsAt = now;
        return owned.where(PartitionLedger::isAheadOfItsCommit);
    }

    private boolean commit(
            List<PendingResult> now, Map<TopicPartition, PartitionLedger> positions, AssignedPartitions owned) {
        forgetFormerTopic();
        ResultTransaction transaction = null;
        long began = nanoTime.getAsLong();
        try {
            transaction = new ResultTransaction(producer.require(), now, positions, topic);
            transaction.commit(owned);
        } catch (KafkaException | FaultException | IllegalStateException why) {
            failed("the last transaction failed", why);
            undo(why, transaction, now);
            return false;
        } finally {
            size.ended(PendingResult.bytes(now), Duration.ofNanos(nanoTime.getAsLong() - began));
        }
        succeeded();
        queue.committed(now);
        return true;
    }

    /** A producer names the topic of its offsets by an id that it asks for once, and repeats a wrong one for a minute. */
    private void forgetFormerTopic() {
        String now = topic.id();
        if (!now.equals(producersTopic) && !producersTopic.isEmpty()) {
            producer.discard();
        }
        producersTopic = now;
    }

    private void succeeded() {
        failures = 0;
        failure = null;
    }

    private void failed(String what, RuntimeException why) {
        String reason = what + ": " + KafkaFaults.text(why);
        if (!reason.equals(failure)) {
            log.atWarn().addKeyValue("reason", reason).log("Results cannot be committed now");
        }
        failure = reason;
        failures = Math.min(failures + 1, MOST_COUNTED);
    }

    /** An aborted transaction is simply repeated; one that may have been committed after all is not. */
    private void undo(RuntimeException why, @Nullable ResultTransaction transaction, List<PendingResult> now) {
        if (transaction != null && !transaction.abort(why)) {
            producer.discard();
        }
        if (transaction != null && queue.blame(transaction, why, now)) {
            succeeded(); // the next one will be, without what failed this one
        }
        boolean unknown = transaction != null && transaction.mayBeCommitted();
        if (!unknown && !(why instanceof TopicReplacedException)) {
            queue.putBack(now);
            return;
        }
        if (unknown) {
            log.warn(
                    "Outcome of a transaction is unknown: a new producer takes over, requests in flight are read again");
        }
        rewindNeeded = true;
        now.forEach(PendingResult::drop);
        queue.clear();
    }

    /** Stops {@link #run()}. */
    public void stop() {
        stopping = true;
    }

    @Override
    public synchronized void close() {
        producer.close();
    }
}
