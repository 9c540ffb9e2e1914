package io.github.finetide.inference.requests;

import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.pipeline.BatchTimes;
import io.github.finetide.inference.pipeline.PreparationTimings;
import io.github.finetide.inference.pipeline.Prepared;
import io.github.finetide.inference.pipeline.RequestInFlight;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.FaultException;
import java.time.Instant;

/**
 * A request from the topic: whatever becomes of it in the pipeline becomes a result.
 *
 * @param taken when it was polled
 * @param results takes what became of it
 */
public record PolledRequest(RequestPlace place, ClassificationRequest request, Instant taken, ResultWriter results)
        implements RequestInFlight {
    @Override
    public boolean isWanted() {
        return !place.ledger().isClosed();
    }

    /** Zero where the timestamp cannot be true. */
    @Override
    public double queueMillis() {
        return RequestAge.millis(place.record(), taken).orElse(0);
    }

    @Override
    public void classified(Prepared prepared, Output output, BatchTimes times) {
        results.classified(this, prepared, output, times);
    }

    @Override
    public void rejected(PreparationTimings timings, FaultException why) {
        results.rejected(this, timings, why);
    }

    @Override
    public void dropped() {
        place.slot().leave();
    }
}
