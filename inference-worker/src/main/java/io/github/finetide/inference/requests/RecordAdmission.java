package io.github.finetide.inference.requests;

import java.util.HashSet;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Decides for each record that was polled: it is passed on now, polled again later, or left out since it is answered.
 * Where several former owners of a partition ended with it, requests go one by one. For the polling thread alone.
 *
 * <p>See RATIONALE.md, What if a request ends the process?
 */
final class RecordAdmission implements PollRecovery.Sink {
    private final Consumer<byte[], byte[]> consumer;
    private final Intake intake;
    private final PartitionOwnership partitions;

    RecordAdmission(Consumer<byte[], byte[]> consumer, Intake intake, PartitionOwnership partitions) {
        this.consumer = consumer;
        this.intake = intake;
        this.partitions = partitions;
    }

    /** Whether no request may be passed on until those in flight are answered. */
    boolean waitsForTheLast() {
        return partitions.ledgers().stream().anyMatch(PartitionLedger::isCareful) && intake.isActive();
    }

    /** What cannot be taken now is polled again. */
    void takeAll(ConsumerRecords<byte[], byte[]> polled) {
        Set<TopicPartition> later = new HashSet<>();
        for (ConsumerRecord<byte[], byte[]> record : polled) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            if (!later.contains(partition) && !take(partition, record)) {
                later.add(partition);
                PartitionOwnership.ifAssigned(partition, assigned -> consumer.seek(partition, record.offset()));
            }
        }
    }

    private boolean take(TopicPartition partition, ConsumerRecord<byte[], byte[]> record) {
        PartitionLedger ledger = partitions.ledger(partition);
        if (ledger == null) {
            return true; // it is read again, from where the group stands
        }
        if (waitsForTheLast()) {
            return false;
        }
        if (ledger.isCareful()) {
            ledger.tryAlone(record.offset(), intake.suspects());
            if (!partitions.commitNow(partition, ledger)) {
                return false;
            }
        }
        pass(record, ledger);
        return true;
    }

    private void pass(ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger) {
        if (!ledger.take(record.offset())) {
            return; // it is answered
        }
        if (ledger.isDeadly(record.offset())) {
            intake.deadly(record, ledger);
        } else {
            intake.accept(record, ledger);
        }
    }

    @Override
    public void record(ConsumerRecord<byte[], byte[]> record) {
        PartitionLedger ledger = partitions.ledger(new TopicPartition(record.topic(), record.partition()));
        if (ledger != null) {
            pass(record, ledger);
        }
    }

    /** Its sender cannot be made out: a dead letter says where it stands. */
    @Override
    public void unreadable(TopicPartition partition, long offset) {
        PartitionLedger ledger = partitions.ledger(partition);
        if (ledger != null && ledger.take(offset)) {
            intake.unreadable(
                    new ConsumerRecord<>(partition.topic(), partition.partition(), offset, null, null), ledger);
        }
    }
}
