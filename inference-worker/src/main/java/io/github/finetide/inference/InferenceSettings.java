package io.github.finetide.inference;

import io.github.finetide.image.ImageLimits;
import io.github.finetide.message.Precision;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The settings of an inference worker alone; those of every worker are in {@code WorkerOptions}.
 *
 * @param maxBatch images in one forward pass
 * @param batchWait how long an image waits for others that are being fetched or decoded
 * @param decodeThreads images decoded at once
 * @param precision of all models; null: for each what its release and this machine allow
 * @param models served; empty: all that are released
 * @param modelMemoryBytes for networks and heads
 * @param limits of an image
 * @param minConfidence below which results are abstentions, where the request does not say
 */
record InferenceSettings(
        int maxBatch,
        Duration batchWait,
        int decodeThreads,
        @Nullable Precision precision,
        Set<String> models,
        long modelMemoryBytes,
        ImageLimits limits,
        double minConfidence) {

    static final int MAX_BATCH = 1024;
    static final Duration MAX_BATCH_WAIT = Duration.ofSeconds(60);
    static final int MAX_DECODE_THREADS = 1024;

    /** Batches in flight beyond the one in the network: one being filled, one decoded, two fetched. */
    private static final int BATCHES_IN_FLIGHT = 4;
    /** Of small batches, too, enough to hide a slow source behind fast ones. */
    private static final int LEAST_IN_FLIGHT = 64;

    /** With the limits that images have where nobody says otherwise. */
    InferenceSettings(
            int maxBatch,
            Duration batchWait,
            int decodeThreads,
            @Nullable Precision precision,
            Set<String> models,
            long modelMemoryBytes) {
        this(maxBatch, batchWait, decodeThreads, precision, models, modelMemoryBytes, ImageLimits.defaults(), 0);
    }

    InferenceSettings {
        require("--max-batch", maxBatch, maxBatch >= 1 && maxBatch <= MAX_BATCH, "1 to " + MAX_BATCH);
        boolean waits = !batchWait.isNegative() && batchWait.compareTo(MAX_BATCH_WAIT) <= 0;
        require("--batch-wait", batchWait, waits, "0 to " + MAX_BATCH_WAIT);
        boolean threads = decodeThreads >= 1 && decodeThreads <= MAX_DECODE_THREADS;
        require("--decode-threads", decodeThreads, threads, "1 to " + MAX_DECODE_THREADS);
        require("--model-memory", modelMemoryBytes, modelMemoryBytes >= 1, "at least 1 byte");
        require("--min-confidence", minConfidence, minConfidence >= 0 && minConfidence <= 1, "0 to 1");
        models = Set.copyOf(models);
    }

    int mostInFlight() {
        return Math.max(LEAST_IN_FLIGHT, BATCHES_IN_FLIGHT * maxBatch);
    }

    /**
     * What a poll may bring on top of all but the most: half as much again. At 1,000 requests a
     * second that is a poll in 64 ms, which costs nothing; what Kafka has fetched ahead stays with the consumer.
     */
    int recordsPerPoll() {
        return mostInFlight() / 2;
    }

    private static void require(String option, Object value, boolean ok, String allowed) {
        if (!ok) {
            throw new IllegalArgumentException(option + ": " + value + " is not allowed; allowed: " + allowed);
        }
    }
}
