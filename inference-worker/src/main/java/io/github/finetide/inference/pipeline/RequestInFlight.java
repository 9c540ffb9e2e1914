package io.github.finetide.inference.pipeline;

import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.FaultException;
import java.time.Instant;

/**
 * A request between poll and result. The pipeline knows no Kafka: where a request came from, and where its result goes, is
 * its own affair. It leaves the pipeline by exactly one of {@link #classified}, {@link #rejected} and {@link #dropped}.
 */
public interface RequestInFlight {
    ClassificationRequest request();

    /** When it was polled. */
    Instant taken();

    /** False once the partition has gone to another worker: that one answers. */
    boolean isWanted();

    /** How long it waited in its topic, in milliseconds. */
    double queueMillis();

    void classified(Prepared prepared, Output output, BatchTimes times);

    void rejected(PreparationTimings timings, FaultException why);

    /** This worker answers it no more. */
    void dropped();

    default boolean isExpired(Instant now) {
        Instant expiresAt = request().expiresAt();
        return expiresAt != null && !now.isBefore(expiresAt);
    }
}
