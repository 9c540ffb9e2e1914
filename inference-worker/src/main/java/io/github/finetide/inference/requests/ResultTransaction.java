package io.github.finetide.inference.requests;

import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidMetadataException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;

/** Results and the offsets of their requests, committed together or not at all; and what failed of it. */
final class ResultTransaction {
    private final Producer<byte[], byte[]> producer;
    private final List<PendingResult> results;
    private final Map<TopicPartition, PartitionLedger> ledgers;
    private final RequestsTopic topic;
    private boolean mayBeCommitted;
    /** By record, not by what is in it. Written by the producer's thread. */
    private final IdentityHashMap<ProducerRecord<byte[], byte[]>, Exception> failures = new IdentityHashMap<>();

    private final Set<Throwable> reasons = Collections.newSetFromMap(new IdentityHashMap<>());

    /**
     * @param positions partitions whose offsets are committed without a result
     * @param topic that all of them are partitions of
     */
    ResultTransaction(
            Producer<byte[], byte[]> producer,
            List<PendingResult> results,
            Map<TopicPartition, PartitionLedger> positions,
            RequestsTopic topic) {
        this.topic = topic;
        this.producer = producer;
        this.results = results;
        this.ledgers = new HashMap<>(positions);
        results.forEach(
                result -> ledgers.put(result.place().partition(), result.place().ledger()));
    }

    /**
     * @throws TopicReplacedException where requests may come from another topic than the offsets are of
     * @throws KafkaException where nothing is committed, or nobody knows whether it is
     */
    void commit(AssignedPartitions owned) {
        CompletableFuture<String> topicId = topic.ask();
        producer.beginTransaction();
        results.forEach(result -> result.records().forEach(outgoing -> send(outgoing.record())));
        Map<TopicPartition, CommittedOffsets> progress = progress();
        Map<TopicPartition, OffsetAndMetadata> toCommit = new HashMap<>();
        progress.forEach((partition, offsets) -> toCommit.put(partition, offsets.toCommit()));
        topic.requireSame(ledgers.values(), topicId);
        producer.sendOffsetsToTransaction(toCommit, owned.requireGroup());
        mayBeCommitted = true;
        producer.commitTransaction();
        ledgers.forEach((partition, ledger) -> ledger.committed(
                offsets(partition),
                Objects.requireNonNull(progress.get(partition)).base()));
    }

    /** Also what the send throws at once is that record's; the commit throws it again. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void send(ProducerRecord<byte[], byte[]> record) {
        try {
            producer.send(record, (sent, why) -> {
                if (why != null) {
                    failed(record, why);
                }
            });
        } catch (KafkaException why) {
            failed(record, why);
            throw why;
        }
    }

    /** What has not been sent when a transaction fails fails for the same reason, which is the first record's alone. */
    private synchronized void failed(ProducerRecord<byte[], byte[]> record, Exception why) {
        Throwable reason = why;
        while (reason.getCause() != null) {
            reason = reason.getCause();
        }
        if (reasons.add(reason)) {
            failures.put(record, why);
        }
    }

    /** Of each partition, what is answered once this transaction is committed. */
    private Map<TopicPartition, CommittedOffsets> progress() {
        Map<TopicPartition, CommittedOffsets> progress = new HashMap<>();
        ledgers.forEach((partition, ledger) -> progress.put(partition, ledger.with(offsets(partition))));
        return progress;
    }

    private List<Long> offsets(TopicPartition partition) {
        return results.stream()
                .filter(result -> result.place().partition().equals(partition))
                .map(result -> result.place().offset())
                .toList();
    }

    /**
     * Ends it, with nothing committed if that can be. Failures are complete after this.
     *
     * @return whether the producer is of use after this; one that timed out repeats what timed out, and would abort later
     */
    boolean abort(RuntimeException why) {
        try {
            if (why instanceof TimeoutException) {
                return false;
            }
            producer.abortTransaction();
            mayBeCommitted = false;
            return true;
        } catch (KafkaException | IllegalStateException outcomeUnknown) {
            mayBeCommitted = true;
            return false;
        }
    }

    /** Whether only the broker knows. Where not, the next producer of this id ends it with nothing committed. */
    boolean mayBeCommitted() {
        return mayBeCommitted;
    }

    /** Where no record is known to have failed, each that was refused with the transaction may be the one. */
    synchronized void failedWith(RuntimeException why) {
        if (failures.isEmpty() && isRefusal(why)) {
            results.forEach(result -> result.records().forEach(record -> failures.put(record.record(), why)));
        }
    }

    private static boolean isRefusal(@Nullable Exception why) {
        return has(why, RecordTooLargeException.class) || has(why, InvalidRecordException.class);
    }

    /** Why this record was refused and would be again, as far as the transaction knows; null if it was not. */
    synchronized @Nullable Exception refusal(OutgoingRecord record) {
        Exception why = failures.get(record.record());
        return isRefusal(why) ? why : null;
    }

    /** Why no record can be written to this one's topic now; null if it can. */
    synchronized @Nullable Exception topicFailure(OutgoingRecord record) {
        Exception why = failures.get(record.record());
        boolean topic = has(why, TopicAuthorizationException.class)
                || has(why, InvalidTopicException.class)
                || has(why, InvalidMetadataException.class) // unknown topic, no leader
                || has(why, NotEnoughReplicasException.class)
                || has(why, TimeoutException.class)
                || has(why, PolicyViolationException.class);
        return topic ? why : null;
    }

    private static boolean has(@Nullable Throwable why, Class<? extends Throwable> type) {
        return why != null && (type.isInstance(why) || has(why.getCause(), type));
    }
}
