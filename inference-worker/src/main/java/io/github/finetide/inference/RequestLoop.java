package io.github.finetide.inference;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls requests and hands them on: the only code that touches the consumer. Partitions rest while
 * enough is in hand; offsets are committed by the {@link Publisher}, with the answers.
 */
final class RequestLoop implements ConsumerRebalanceListener {
    /** While partitions rest, each round looks whether they may go on. */
    private static final Duration ROUND_AT_REST = Duration.ofMillis(20);

    private static final Duration ROUND = Duration.ofMillis(200);

    /** For the last answers to be committed and the group to be left; then the session's end tells the group. */
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(10);

    private static final Logger log = LoggerFactory.getLogger(RequestLoop.class);

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final Intake intake;
    private final Publisher publisher;
    private final AtomicReference<Ownership> ownership;
    private final Map<TopicPartition, PartitionLedger> ledgers = new HashMap<>();
    /** Assigned, but not yet known how far they are answered. */
    private final Set<TopicPartition> fresh = new HashSet<>();

    private volatile boolean joined;
    private volatile boolean stopping;

    RequestLoop(
            Consumer<byte[], byte[]> consumer,
            String topic,
            Intake intake,
            Publisher publisher,
            AtomicReference<Ownership> ownership) {
        this.consumer = consumer;
        this.topic = topic;
        this.intake = intake;
        this.publisher = publisher;
        this.ownership = ownership;
    }

    /** Runs until {@link #stop()}; the consumer stays in its group until {@link #leave()}. */
    void run() {
        consumer.subscribe(List.of(topic), this);
        try {
            while (!stopping) {
                round();
            }
        } catch (WakeupException stop) {
            log.debug("woken up to stop");
        }
    }

    private void round() {
        boolean rests = rest();
        ConsumerRecords<byte[], byte[]> polled = consumer.poll(rests ? Duration.ZERO : ROUND);
        publishOwnership();
        polled.forEach(this::take);
        adoptFresh();
        rewindIfNeeded();
        if (rests && polled.isEmpty()) {
            // Not within poll: with records of a resting partition at hand it waits for nothing, over and over.
            LockSupport.parkNanos(ROUND_AT_REST.toNanos());
        }
    }

    /** From any thread: ends {@link #run()} soon. */
    void stop() {
        stopping = true;
        consumer.wakeup();
    }

    /** Gives partitions back, with what has been answered committed, and leaves the group. */
    void leave() {
        consumer.close(CloseOptions.timeout(LEAVE_LIMIT));
    }

    boolean hasJoined() {
        return joined;
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        PartitionLedger ledger = ledgers.get(new TopicPartition(record.topic(), record.partition()));
        // Without a ledger it is read again, from where the group stands.
        if (ledger != null && ledger.take(record.offset())) {
            intake.accept(record, ledger);
        }
    }

    private boolean rest() {
        boolean full = intake.isFull();
        boolean rests = full;
        for (TopicPartition partition : consumer.assignment()) {
            PartitionLedger ledger = ledgers.get(partition);
            boolean ahead = ledger != null && !ledger.hasRoom(intake.recordsPerPoll());
            rests |= ahead;
            ifAssigned(partition, full || ahead ? consumer::pause : consumer::resume);
        }
        return rests;
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
        ownership.set(new Ownership(consumer.groupMetadata(), ledgers));
    }

    private void rewindIfNeeded() {
        if (publisher.needsRewind()) {
            forget(consumer.assignment());
            fresh.addAll(consumer.assignment());
            publisher.rewound();
            adoptFresh();
        }
    }

    /** Starts partitions from what the group has committed, once no transaction about them is open. */
    private void adoptFresh() {
        if (fresh.isEmpty()) {
            return;
        }
        try {
            Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(Set.copyOf(fresh));
            fresh.removeIf(partition -> adopt(partition, committed.get(partition)));
            publishOwnership();
        } catch (TimeoutException away) {
            log.warn("the group's offsets cannot be read now: {}", away.getMessage());
        }
    }

    private boolean adopt(TopicPartition partition, @Nullable OffsetAndMetadata committed) {
        Progress progress = committed == null ? null : Progress.of(committed);
        boolean adopted = ifAssigned(
                partition,
                progress == null ? consumer::seekToBeginning : partitions -> consumer.seek(partition, progress.base()));
        if (adopted) {
            ledgers.put(partition, new PartitionLedger(progress));
        }
        return adopted;
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

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        fresh.addAll(partitions);
        joined = true;
    }

    /** They are ours until this returns: what is answered is committed, the rest is left to the next owner. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        publishOwnership();
        publisher.publish();
        forget(partitions);
        fresh.removeAll(partitions);
    }

    /** Another has them already. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        forget(partitions);
        fresh.removeAll(partitions);
    }
}
