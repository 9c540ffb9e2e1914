package io.github.finetide.inference.requests;

import io.github.finetide.inference.pipeline.RequestInFlight;
import io.github.finetide.message.ClassificationRequest;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A request with the place that its answer commits.
 *
 * @param record as polled
 * @param ledger of the partition it was taken from
 * @param taken when it was polled
 */
public record PolledRequest(
        ConsumerRecord<byte[], byte[]> record, PartitionLedger ledger, ClassificationRequest request, Instant taken)
        implements RequestInFlight {

    /** The pipeline returns what it was given, and {@link Intake} gives it nothing else. */
    static PolledRequest of(RequestInFlight returned) {
        return (PolledRequest) returned;
    }

    @Override
    public boolean isWanted() {
        return !ledger.isClosed();
    }

    @Override
    public double queueMillis() {
        return Math.max(0, taken.toEpochMilli() - record.timestamp());
    }
}
