package io.github.finetide.inference.pipeline;

import io.github.finetide.message.ClassificationRequest;
import java.time.Instant;

/** A request between poll and result. The pipeline knows no Kafka: where it came from is its sender's own. */
public interface RequestInFlight {
    ClassificationRequest request();

    /** When it was polled. */
    Instant taken();

    /** False once the partition has gone to another worker: that one answers. */
    boolean isWanted();

    /** How long it waited in its topic, in milliseconds. */
    double queueMillis();

    default boolean isExpired(Instant now) {
        Instant expiresAt = request().expiresAt();
        return expiresAt != null && !now.isBefore(expiresAt);
    }
}
