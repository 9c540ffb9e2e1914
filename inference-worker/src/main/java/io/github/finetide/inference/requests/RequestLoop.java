package io.github.finetide.inference.requests;

import io.github.finetide.kafka.KafkaFaults;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls requests and passes them on: the only code that touches the consumer. Partitions rest while enough is in flight;
 * offsets are committed by the {@link Publisher}, with the results.
 */
public final class RequestLoop implements ConsumerRebalanceListener, PollRecovery.Sink {
    /** While some partitions rest, each round looks whether they may go on. */
    private static final Duration ROUND_AT_REST = Duration.ofMillis(20);

    /** While all rest, since enough is in flight, and nobody notifies that there is room again. */
    private static final Duration ROUND_WHEN_FULL = Duration.ofMillis(200);

    private static final Duration ROUND = Duration.ofMillis(200);

    /** After a round that failed for now: Kafka's client has tried for a minute before it says so. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** No client call takes more than two minutes, whatever is away. */
    private static final Duration ROUND_LIMIT = Duration.ofMinutes(10);

    /** For the last answers to be committed and the group to be left; then the session's end tells the group. */
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(10);

    /** A group that refuses this worker does not hear it leave either. */
    private static final Duration ABANDON_LIMIT = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(RequestLoop.class);

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final Intake intake;
    private final Publisher publisher;
    private final AtomicReference<AssignedPartitions> ownership;
    private final Map<TopicPartition, PartitionLedger> ledgers = new HashMap<>();
    private final FreshPartitions fresh;
    private final PollRecovery recovery;

    /** Why no requests can be polled now; null where all is well. */
    private volatile @Nullable String trouble;

    /** When it came round last, by {@link System#nanoTime()}; null before the first time, and after the last. */
    private volatile @Nullable Long roundAt;

    private volatile boolean joined;
    private volatile boolean stopping;

    public RequestLoop(
            Consumer<byte[], byte[]> consumer,
            String topic,
            Intake intake,
            Publisher publisher,
            AtomicReference<AssignedPartitions> ownership,
            FreshPartitions fresh,
            PollRecovery recovery) {
        this.consumer = consumer;
        this.topic = topic;
        this.intake = intake;
        this.publisher = publisher;
        this.ownership = ownership;
        this.fresh = fresh;
        this.recovery = recovery;
    }

    /** Runs until {@link #stop()}; the consumer stays in its group until {@link #leave()}. */
    public void run() {
        consumer.subscribe(List.of(topic), this);
        try {
            while (!stopping) {
                roundAt = System.nanoTime();
                roundOrPause();
            }
        } catch (WakeupException stop) {
            log.debug("woken up to stop");
        } finally {
            roundAt = null;
        }
    }

    /** Why only a restart helps, in one sentence; null while it comes round. */
    @Nullable String stuck() {
        Long at = roundAt;
        return at == null || System.nanoTime() - at < ROUND_LIMIT.toNanos()
                ? null
                : "requests have not been polled for " + ROUND_LIMIT;
    }

    /** What passes by itself ends no worker: the next would meet it as well. */
    private void roundOrPause() {
        try {
            round();
            trouble = null;
        } catch (KafkaException why) {
            if (!(why instanceof RetriableException || why.getCause() instanceof RetriableException)) {
                throw why;
            }
            if (trouble == null) {
                log.warn("Kafka cannot go on now, and is tried again: {}", why.toString());
            }
            trouble = KafkaFaults.text(why);
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void round() {
        boolean rests = rest();
        ConsumerRecords<byte[], byte[]> polled = poll(rests ? Duration.ZERO : ROUND);
        publishOwnership();
        polled.forEach(this::take);
        consumer.assignment().forEach(this::reached);
        rewindIfNeeded();
        adoptFresh();
        if (rests && polled.isEmpty()) {
            pause();
        }
    }

    private ConsumerRecords<byte[], byte[]> poll(Duration wait) {
        try {
            return consumer.poll(wait);
        } catch (OutOfMemoryError | KafkaException why) {
            if (!PollRecovery.isDue(why)) {
                throw why;
            }
            log.atError().addKeyValue("reason", why).log("A record cannot be polled: records are read one by one");
            List.copyOf(ledgers.keySet()).forEach(this::recover);
            return ConsumerRecords.empty();
        }
    }

    private void recover(TopicPartition partition) {
        ifAssigned(partition, partitions -> {
            long position = consumer.position(partition, PAUSE);
            consumer.seek(partition, recovery.read(partition, position, this));
        });
    }

    @Override
    public void record(ConsumerRecord<byte[], byte[]> record) {
        take(record);
    }

    /** Its sender cannot be made out: a dead letter says where it stands. */
    @Override
    public void unreadable(TopicPartition partition, long offset) {
        PartitionLedger ledger = ledgers.get(partition);
        if (ledger != null && ledger.take(offset)) {
            intake.unreadable(
                    new ConsumerRecord<>(partition.topic(), partition.partition(), offset, null, null), ledger);
        }
    }

    /** Not within poll: with records of a resting partition at hand it waits for nothing, over and over. */
    private void pause() {
        if (!intake.isFull()) {
            LockSupport.parkNanos(ROUND_AT_REST.toNanos());
            return;
        }
        try {
            intake.awaitRoom(ROUND_WHEN_FULL);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }

    /** From any thread: ends {@link #run()} soon. */
    public void stop() {
        stopping = true;
        consumer.wakeup();
    }

    /** Gives partitions back, with what has been answered committed, and leaves the group. */
    public void leave() {
        consumer.close(CloseOptions.timeout(LEAVE_LIMIT));
    }

    /** Lets go of everything and closes the consumer: the group refuses this worker. What is in flight is dropped. */
    void abandon() {
        joined = false;
        forget(Set.copyOf(ledgers.keySet()));
        try {
            consumer.close(CloseOptions.timeout(ABANDON_LIMIT));
        } catch (KafkaException refused) {
            log.debug("not left in order", refused);
        }
    }

    /** Why this worker gets no requests now, in one sentence; null while it is a member that polls. */
    public @Nullable String problem() {
        String why = trouble;
        if (why != null) {
            return why;
        }
        return joined ? null : "not a member of the group: no partitions assigned yet, or taken away";
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        PartitionLedger ledger = ledgers.get(new TopicPartition(record.topic(), record.partition()));
        // Without a ledger it is read again, from where the group stands.
        if (ledger != null && ledger.take(record.offset())) {
            intake.accept(record, ledger);
        }
    }

    private void reached(TopicPartition partition) {
        PartitionLedger ledger = ledgers.get(partition);
        if (ledger == null) {
            return;
        }
        try {
            ifAssigned(partition, assigned -> ledger.reached(consumer.position(partition, Duration.ZERO)));
        } catch (TimeoutException unknown) {
            log.atDebug().addKeyValue("partition", partition).log("Position is being checked");
        }
    }

    private boolean rest() {
        boolean full = intake.isFull();
        boolean rests = full;
        for (TopicPartition partition : consumer.assignment()) {
            boolean waits = fresh.contains(partition) || isAhead(partition);
            rests |= waits;
            ifAssigned(partition, full || waits ? consumer::pause : consumer::resume);
        }
        return rests;
    }

    private boolean isAhead(TopicPartition partition) {
        PartitionLedger ledger = ledgers.get(partition);
        return ledger != null && !ledger.hasRoom(intake.recordsPerPoll());
    }

    /**
     * Does something to a partition, if it is still assigned. After a session that ran out, the consumer's own thread
     * takes partitions away whenever it learns of it; the callback comes with the next poll.
     */
    private static boolean ifAssigned(TopicPartition partition, Step action) {
        try {
            action.accept(List.of(partition));
            return true;
        } catch (IllegalStateException notAssigned) {
            log.atInfo().addKeyValue("partition", partition).log("no longer assigned");
            return false;
        }
    }

    /** What the consumer does to partitions. */
    private interface Step {
        void accept(Collection<TopicPartition> partitions);
    }

    private void publishOwnership() {
        ownership.set(new AssignedPartitions(consumer.groupMetadata(), ledgers));
    }

    private void rewindIfNeeded() {
        if (publisher.needsRewind()) {
            forget(consumer.assignment());
            fresh.add(consumer.assignment());
            publisher.rewound();
        }
    }

    /** Starts a partition from what the group has committed, once no transaction about it is open. */
    private void adoptFresh() {
        if (!fresh.isEmpty()) {
            fresh.adopt(this::adopt);
            publishOwnership();
        }
    }

    private boolean adopt(TopicPartition partition, Optional<CommittedOffsets> committed) {
        boolean adopted = ifAssigned(partition, partitions -> seek(partitions, committed));
        if (adopted) {
            ledgers.put(partition, new PartitionLedger(committed.orElse(null)));
        }
        return adopted;
    }

    private void seek(Collection<TopicPartition> partitions, Optional<CommittedOffsets> committed) {
        committed.ifPresentOrElse(
                progress -> partitions.forEach(partition -> consumer.seek(partition, progress.base())),
                () -> consumer.seekToBeginning(partitions));
    }

    private void forget(Collection<TopicPartition> partitions) {
        publisher.exclusively(() -> {
            for (TopicPartition partition : partitions) {
                PartitionLedger ledger = ledgers.remove(partition);
                if (ledger != null) {
                    ledger.close();
                }
            }
            publishOwnership();
        });
    }

    /**
     * A consumer that has no position looks for the committed one itself, and {@code poll} fails when one of them is not
     * stable for a minute. So each gets a position, from which it reads nothing until it is adopted.
     */
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        fresh.add(partitions);
        joined = true;
        for (TopicPartition partition : partitions) {
            ifAssigned(partition, consumer::pause);
            ifAssigned(partition, toSeek -> consumer.seek(partition, 0));
        }
    }

    /** They are ours until this returns: what is answered is committed, the rest is left to the next owner. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        publishOwnership();
        publisher.publish();
        forget(partitions);
        fresh.remove(partitions);
    }

    /** Another has them already: the broker took this worker for dead. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        joined = false;
        forget(partitions);
        fresh.remove(partitions);
    }
}
