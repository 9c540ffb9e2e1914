package io.github.finetide.inference.pipeline;

import io.github.finetide.inference.requests.PartitionLedger;

import io.github.finetide.message.ClassificationRequest;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A request in hand.
 *
 * @param record as polled
 * @param ledger of the partition it was taken from
 * @param taken when it was polled
 */
public record Work(
        ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger, ClassificationRequest request, Instant taken) {

    /** False once the partition has gone to another worker: it answers. */
    public boolean isWanted() {
        return !ledger.isClosed();
    }

    boolean isExpired(Instant now) {
        Instant expiresAt = request.expiresAt();
        return expiresAt != null && !now.isBefore(expiresAt);
    }

    public double queueMillis() {
        return Math.max(0, taken.toEpochMilli() - record.timestamp());
    }
}
