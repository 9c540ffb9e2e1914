package io.github.finetide.inference.requests;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions of one member of the group, each from its assignment until it is given back or lost. Starts a partition
 * at the offset that the group has committed, and marks in the commit who owns it. For the polling thread alone; other
 * threads see a snapshot of it, {@link AssignedPartitions}.
 */
public final class PartitionOwnership implements ConsumerRebalanceListener {
    /** Of this life of the process, not of the worker: started again, it is another. */
    private static final String OWNER = UUID.randomUUID().toString().substring(0, 8);

    /** By then, what was in flight when a former owner ended has been answered: retries take 45 s at most. */
    private static final Duration HARMLESS = Duration.ofMinutes(3);

    private static final Logger log = LoggerFactory.getLogger(PartitionOwnership.class);

    private final Consumer<byte[], byte[]> consumer;
    private final RequestsTopic topic;
    private final Publisher publisher;
    private final AtomicReference<AssignedPartitions> snapshot;
    private final FreshPartitions fresh;
    private final Map<TopicPartition, PartitionLedger> ledgers = new HashMap<>();
    private volatile boolean member;

    /** @param snapshot what this worker owns, for the publisher to read; written with each poll */
    public PartitionOwnership(
            Consumer<byte[], byte[]> consumer,
            RequestsTopic topic,
            Publisher publisher,
            AtomicReference<AssignedPartitions> snapshot,
            FreshPartitions fresh) {
        this.consumer = consumer;
        this.topic = topic;
        this.publisher = publisher;
        this.snapshot = snapshot;
        this.fresh = fresh;
    }

    /** Whether partitions have been assigned, and not been lost since. From any thread. */
    boolean isMember() {
        return member;
    }

    /** Null where the partition is not owned, or its committed offset not known yet. */
    @Nullable PartitionLedger ledger(TopicPartition partition) {
        return ledgers.get(partition);
    }

    Collection<PartitionLedger> ledgers() {
        return ledgers.values();
    }

    /** Those whose committed offset is known. */
    Set<TopicPartition> adopted() {
        return Set.copyOf(ledgers.keySet());
    }

    /** Whether nothing may be read of it yet: its committed offset is not known. */
    boolean isFresh(TopicPartition partition) {
        return fresh.contains(partition);
    }

    void publishSnapshot() {
        snapshot.set(new AssignedPartitions(consumer.groupMetadata(), ledgers));
    }

    /** Commits what the ledger says now; false if it must be tried again. */
    boolean commitNow(TopicPartition partition, PartitionLedger ledger) {
        return publisher.commitNow(Map.of(partition, ledger));
    }

    /**
     * Does something to a partition, if it is still assigned. After a session that ran out, the consumer's own thread
     * takes partitions away whenever it learns of it; the callback comes with the next poll.
     *
     * @return whether it was
     */
    static boolean ifAssigned(TopicPartition partition, Step action) {
        try {
            action.accept(List.of(partition));
            return true;
        } catch (IllegalStateException notAssigned) {
            log.atInfo().addKeyValue("partition", partition).log("Partition is no longer assigned");
            return false;
        }
    }

    /** What the consumer does to partitions. */
    interface Step {
        void accept(Collection<TopicPartition> partitions);
    }

    /** Everything before the consumer's positions has been polled: also what no record stands for. */
    void polledUpToPositions() {
        consumer.assignment().forEach(this::polledUpToPosition);
    }

    private void polledUpToPosition(TopicPartition partition) {
        PartitionLedger ledger = ledgers.get(partition);
        if (ledger == null) {
            return;
        }
        ledger.forgetDeathsAfter(HARMLESS, System.nanoTime());
        try {
            ifAssigned(partition, assigned -> ledger.reached(consumer.position(partition, Duration.ZERO)));
        } catch (TimeoutException unknown) {
            log.atDebug().addKeyValue("partition", partition).log("Position is being checked");
        }
    }

    /**
     * Starts partitions from what the group has committed, once no transaction about them is open.
     *
     * @throws TopicReplacedException where the partitions owned are of another topic than the one that is there now
     */
    void adoptFresh() {
        rewindIfNeeded();
        if (!fresh.isEmpty()) {
            fresh.adopt(this::adopt);
            publishSnapshot();
        }
    }

    /** Not what the consumer counts as assigned: it still names what the callback has just declared lost. */
    private void rewindIfNeeded() {
        boolean needed = publisher.needsRewind();
        topic.requireSame(ledgers.values()); // afterwards: where it was replaced, a rewind would not do
        if (needed) {
            Set<TopicPartition> held = adopted();
            forget(held);
            fresh.add(held);
            fresh.askAgain();
            publisher.rewound();
        }
    }

    private boolean adopt(TopicPartition partition, Optional<CommittedOffsets> committed) {
        String topicId = topic.id();
        if (!consumer.assignment().contains(partition) || topicId.isEmpty()) {
            return false; // what the group's offset is now is another worker's affair
        }
        Optional<CommittedOffsets> start = committed.filter(offsets -> offsets.isOf(topicId));
        PartitionLedger ledger = new PartitionLedger(start.orElse(null), topicId);
        ledger.hold(OWNER, System.nanoTime());
        if (!commitNow(partition, ledger) || !ifAssigned(partition, assigned -> seek(assigned, start))) {
            return false;
        }
        ledgers.put(partition, ledger);
        if (start.isEmpty() && committed.isPresent()) {
            log.atWarn()
                    .addKeyValue("partition", partition)
                    .addKeyValue("formerOffset", committed.get().base())
                    .log("The topic was made anew: its requests are read from the beginning");
        }
        if (ledger.isCareful()) {
            log.atWarn()
                    .addKeyValue("partition", partition)
                    .log("Workers ended one after the other with this partition: its requests go one by one");
        }
        return true;
    }

    private void seek(Collection<TopicPartition> partitions, Optional<CommittedOffsets> committed) {
        committed.ifPresentOrElse(
                progress -> partitions.forEach(partition -> consumer.seek(partition, progress.base())),
                () -> consumer.seekToBeginning(partitions));
    }

    /**
     * A consumer that has no position looks for the committed one itself, and {@code poll} fails when one of them is not
     * stable for a minute. So each gets a position, from which it reads nothing until it is adopted.
     */
    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        fresh.add(partitions);
        member = true;
        for (TopicPartition partition : partitions) {
            ifAssigned(partition, consumer::pause);
            ifAssigned(partition, assigned -> consumer.seek(partition, 0));
        }
    }

    /** They are ours until this returns: what is answered is committed, the rest is left to the next owner. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        publishSnapshot();
        publisher.publish();
        giveBack(partitions);
        forget(partitions);
        fresh.remove(partitions);
    }

    /** Another has them already: the broker took this worker for dead. */
    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        member = false;
        forget(partitions);
        fresh.remove(partitions);
    }

    /** Drops all partitions, and what is in flight of them, without a commit: the group refuses this worker. */
    void abandon() {
        member = false;
        forget(adopted());
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
            publishSnapshot();
        });
    }
}
