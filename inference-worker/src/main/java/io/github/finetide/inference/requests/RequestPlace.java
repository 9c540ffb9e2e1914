package io.github.finetide.inference.requests;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a request stands, and what its result commits.
 *
 * @param record as polled
 * @param ledger of the partition it was taken from
 * @param slot what it takes of the worker's room; left when its result is committed, or another worker's affair
 */
public record RequestPlace(ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger, InFlight.Slot slot) {
    TopicPartition partition() {
        return new TopicPartition(record.topic(), record.partition());
    }

    long offset() {
        return record.offset();
    }
}
