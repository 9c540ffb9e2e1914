package io.github.finetide.inference.requests;

import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes answers and the offsets of their requests in one transaction. It is opened when the work
 * is done, takes whatever has become ready while the one before it ran, and holds up nobody.
 */
public final class Publisher implements Runnable, AutoCloseable {
    /** Answers in one transaction: about 1 MB, so that one that must be repeated is quick. */
    static final int MAX_ANSWERS = 2_000;

    /** After a transaction that failed: the next poll brings what it needs (a newer member epoch). */
    private static final Duration PAUSE = Duration.ofMillis(100);

    /** How long to look for new answers before looking whether to stop. */
    private static final Duration LOOK = Duration.ofMillis(200);

    /** For what has been sent to arrive, when the worker ends. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(Publisher.class);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final ResultRecordFactory records;
    private final AtomicReference<AssignedPartitions> ownership;
    private final ResultListener listener;
    private final BlockingQueue<Supplier<RequestResult>> ready = new LinkedBlockingQueue<>();
    private volatile boolean stopping;
    private volatile boolean rewindNeeded;

    // Guarded by this object's lock: whoever holds it knows that no transaction is open.
    private List<RequestResult> pending = new ArrayList<>();
    /** Answers in the next transaction: fewer, after one held a record that its topic refuses. */
    private int together = MAX_ANSWERS;

    private volatile @Nullable String problem = "transactions have not begun yet";

    private @Nullable Producer<byte[], byte[]> producer;

    /**
     * @param producers makes new ones, transactions not initialised yet
     * @param ownership written by the polling thread
     */
    public Publisher(
            Supplier<Producer<byte[], byte[]>> producers,
            ResultRecordFactory records,
            AtomicReference<AssignedPartitions> ownership,
            ResultListener listener) {
        this.producers = producers;
        this.records = records;
        this.ownership = ownership;
        this.listener = listener;
    }

    /** Takes an answer, to be made on this object's own thread. */
    void submit(Supplier<RequestResult> answer) {
        ready.add(answer);
    }

    @Override
    public void run() {
        try {
            while (!stopping) {
                prepare();
                Supplier<RequestResult> first = ready.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                if (!publish(first)) {
                    TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
                }
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** Publishes what is ready; false if that must be tried again. */
    boolean publish() {
        return publish(null);
    }

    /**
     * Runs something while no transaction is open. A partition is given up only so: else its next
     * owner could read the committed offset just before this worker moves it.
     */
    synchronized void exclusively(Runnable action) {
        action.run();
    }

    /** Whether it is unknown what the last transaction did, so that only the broker can tell what is answered. */
    boolean needsRewind() {
        return rewindNeeded;
    }

    /** Why no result can be published now, in one sentence; null where nothing is known against it. */
    public @Nullable String problem() {
        return problem;
    }

    /** Every ledger of before is closed: what comes now starts from what the broker says. */
    void rewound() {
        rewindNeeded = false;
    }

    private synchronized boolean publish(@Nullable Supplier<RequestResult> first) {
        collect(first);
        if (rewindNeeded || pending.isEmpty()) {
            return !rewindNeeded;
        }
        AssignedPartitions owned = Objects.requireNonNull(ownership.get());
        List<RequestResult> later = new ArrayList<>();
        List<RequestResult> now = select(owned, later);
        try {
            if (!now.isEmpty()) {
                transact(now, owned);
            }
        } catch (KafkaException | IllegalStateException why) {
            failed(why, now, later);
            return false;
        }
        committed(now);
        problem = null;
        pending = later;
        together = Math.min(MAX_ANSWERS, 2 * together);
        now.forEach(listener::published);
        return true;
    }

    private void collect(@Nullable Supplier<RequestResult> first) {
        Supplier<RequestResult> next = first == null ? ready.poll() : first;
        while (next != null) {
            pending.add(next.get());
            next = pending.size() < MAX_ANSWERS ? ready.poll() : null;
        }
    }

    /** Divides what is pending into what can go now and what must wait, and lets go of what is not ours any more. */
    private List<RequestResult> select(AssignedPartitions owned, List<RequestResult> later) {
        List<RequestResult> now = new ArrayList<>();
        for (RequestResult answer : pending) {
            if (owned.ledgers().get(answer.partition()) != answer.ledger()) {
                listener.dropped(answer);
            } else if (now.size() < together
                    && answer.ledger().fits(answer.record().offset())) {
                now.add(answer);
            } else {
                later.add(answer);
            }
        }
        return now;
    }

    private void transact(List<RequestResult> answers, AssignedPartitions owned) {
        Producer<byte[], byte[]> transactional = producer();
        transactional.beginTransaction();
        answers.forEach(answer -> records.of(answer).forEach(record -> send(transactional, record)));
        transactional.sendOffsetsToTransaction(offsets(answers), owned.requireGroup());
        transactional.commitTransaction();
    }

    // What a send fails with, the commit throws.
    @SuppressWarnings("FutureReturnValueIgnored")
    private static void send(Producer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
        producer.send(record);
    }

    /** Of each partition, what is answered once this transaction is committed. */
    private static Map<TopicPartition, OffsetAndMetadata> offsets(List<RequestResult> answers) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        byLedger(answers)
                .forEach((ledger, inTransaction) -> offsets.put(
                        inTransaction.get(0).partition(),
                        ledger.with(offsetsOf(inTransaction)).toCommit()));
        return offsets;
    }

    private static void committed(List<RequestResult> answers) {
        byLedger(answers).forEach((ledger, inTransaction) -> ledger.committed(offsetsOf(inTransaction)));
    }

    private static Map<PartitionLedger, List<RequestResult>> byLedger(List<RequestResult> answers) {
        return answers.stream().collect(Collectors.groupingBy(RequestResult::ledger));
    }

    private static List<Long> offsetsOf(List<RequestResult> answers) {
        return answers.stream().map(answer -> answer.record().offset()).toList();
    }

    /**
     * Before there is an answer: what this worker left open under its id, in a life before or with a producer that
     * failed, ends now. Nobody can read the offsets of its partitions until then, not even this worker.
     */
    private synchronized void prepare() {
        try {
            producer();
        } catch (KafkaException | FaultException why) {
            String reason = KafkaFaults.text(why);
            if (!reason.equals(problem)) {
                log.atWarn().addKeyValue("reason", reason).log("Transactions cannot begin");
            }
            problem = reason;
        }
    }

    private Producer<byte[], byte[]> producer() {
        Producer<byte[], byte[]> existing = producer;
        if (existing != null) {
            return existing;
        }
        Producer<byte[], byte[]> created = producers.get();
        try {
            created.initTransactions();
        } catch (KafkaException why) {
            created.close(Duration.ZERO);
            throw why;
        }
        producer = created;
        problem = null;
        return created;
    }

    /** An aborted transaction is simply repeated; one that may have been committed after all is not. */
    private void failed(RuntimeException why, List<RequestResult> now, List<RequestResult> later) {
        log.atWarn().addKeyValue("answers", now.size()).log("transaction failed: {}", why.toString());
        problem = "the last transaction failed: " + KafkaFaults.text(why);
        Producer<byte[], byte[]> failed = producer;
        if (failed == null || aborted(failed)) {
            pending = new ArrayList<>(isRefused(why) ? isolated(now) : now);
            pending.addAll(later);
            return;
        }
        log.warn("a new producer takes over; requests in hand are read again");
        failed.close(Duration.ZERO);
        producer = null;
        rewindNeeded = true;
        now.forEach(listener::dropped);
        later.forEach(listener::dropped);
        pending = new ArrayList<>();
    }

    /** A record that its topic refuses fails every transaction it is in: fewer go together, until it is alone. */
    private List<RequestResult> isolated(List<RequestResult> answers) {
        if (answers.size() > 1) {
            together = answers.size() / 2;
            return answers;
        }
        ConsumerRecord<byte[], byte[]> request = answers.get(0).record();
        log.atError()
                .addKeyValue("partition", request.partition())
                .addKeyValue("offset", request.offset())
                .log("the answer to a request is refused by its topic; the request counts as answered");
        return List.of(answers.get(0).untold());
    }

    private static boolean isRefused(@Nullable Throwable why) {
        return why instanceof RecordTooLargeException
                || why instanceof InvalidRecordException
                || (why != null && isRefused(why.getCause()));
    }

    private static boolean aborted(Producer<byte[], byte[]> producer) {
        try {
            producer.abortTransaction();
            return true;
        } catch (KafkaException | IllegalStateException outcomeUnknown) {
            return false;
        }
    }

    /** Stops {@link #run()}. */
    public void stop() {
        stopping = true;
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(CLOSE_LIMIT);
            producer = null;
        }
    }
}
