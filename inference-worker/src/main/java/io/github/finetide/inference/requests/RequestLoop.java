package io.github.finetide.inference.requests;

import io.github.finetide.kafka.KafkaFaults;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
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

    /** By then, what was in flight when a former owner ended has been answered: retries take 45 s at most. */
    private static final Duration HARMLESS = Duration.ofMinutes(3);

    /** Of this life of the process, not of the worker: started again, it is another. */
    private static final String OWNER = UUID.randomUUID().toString().substring(0, 8);

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
        takeAll(polled);
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
        PartitionLedger ledger = ledgers.get(new TopicPartition(record.topic(), record.partition()));
        if (ledger != null && ledger.take(record.offset())) {
            pass(record, ledger);
        }
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

    /** What cannot be taken now is polled again. */
    private void takeAll(ConsumerRecords<byte[], byte[]> polled) {
        Set<TopicPartition> later = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> record : polled) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            if (!later.contains(partition) && !take(partition, record)) {
                later.add(partition);
                ifAssigned(partition, assigned -> consumer.seek(partition, record.offset()));
            }
        }
    }

    private boolean take(TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
        PartitionLedger ledger = ledgers.get(partition);
        if (ledger == null) {
            return true; // it is read again, from where the group stands
        }
        boolean careful = isCareful();
        if (careful && intake.isActive()) {
            return false;
        }
        if (ledger.isCareful()) {
            ledger.tryAlone(record.offset(), intake.suspects());
            if (!publisher.commitNow(Map.of(partition, ledger))) {
                return false;
            }
        }
        if (ledger.take(record.offset())) {
            pass(record, ledger);
        }
        return true;
    }

    private void pass(ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger) {
        if (ledger.isDeadly(record.offset())) {
            intake.deadly(record, ledger);
        } else {
            intake.accept(record, ledger);
        }
    }

    /** Whether former owners of a partition ended one after the other, so that requests go one by one. */
    private boolean isCareful() {
        return ledgers.values().stream().anyMatch(PartitionLedger::isCareful);
    }

    private void reached(TopicPartition partition) {
        PartitionLedger ledger = ledgers.get(partition);
        if (ledger == null) {
            return;
        }
        try {
            ledger.forgetDeathsAfter(HARMLESS, System.nanoTime());
            ifAssigned(partition, assigned -> ledger.reached(consumer.position(partition, Duration.ZERO)));
        } catch (TimeoutException unknown) {
            log.atDebug().addKeyValue("partition", partition).log("Position is being checked");
        }
    }

    private boolean rest() {
        boolean full = intake.isFull() || (isCareful() && intake.isActive());
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

    /** Not what the consumer counts as assigned: it still names what the callback has just declared lost. */
    private void rewindIfNeeded() {
        if (publisher.needsRewind()) {
            Set<TopicPartition> held = Set.copyOf(ledgers.keySet());
            forget(held);
            fresh.add(held);
            fresh.askAgain();
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
        if (!consumer.assignment().contains(partition)) {
            return false; // what the group's offset is now is another worker's affair
        }
        PartitionLedger ledger = new PartitionLedger(committed.orElse(null));
        ledger.hold(OWNER, System.nanoTime());
        boolean adopted = publisher.commitNow(Map.of(partition, ledger))
                && ifAssigned(partition, partitions -> seek(partitions, committed));
        if (adopted) {
            ledgers.put(partition, ledger);
        }
        if (adopted && ledger.isCareful()) {
            log.atWarn()
                    .addKeyValue("partition", partition)
                    .log("Workers ended one after the other with this partition: its requests go one by one");
        }
        return adopted;
    }

    private void seek(Collection<TopicPartition> partitions, Optional<CommittedOffsets> committed) {
        committed.ifPresentOrElse(
                progress -> partitions.forEach(partition -> consumer.seek(partition, progress.base())),
                () -> consumer.seekToBeginning(partitions));
    }

    /** In good order: whoever finds a partition that was not given back knows that its owner ended with it. */
    private void giveBack(Collection<TopicPartition> partitions) {
        Map<TopicPartition, PartitionLedger> held = new HashMap<>(ledgers);
        held.keySet().retainAll(partitions);
        held.values().forEach(PartitionLedger::giveBack);
        if (!held.isEmpty() && !publisher.commitNow(held)) {
            log.atInfo().addKeyValue("partitions", held.keySet()).log("Partitions are not marked as given back");
        }
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
        giveBack(partitions);
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
