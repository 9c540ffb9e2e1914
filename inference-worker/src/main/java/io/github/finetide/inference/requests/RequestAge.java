package io.github.finetide.inference.requests;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalDouble;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** How long ago a request was produced, as far as its timestamp can be believed. */
public final class RequestAge {
    /**
     * Twice as long as requests are kept. A producer that gives no time, or counts in seconds, puts its records in 1970:
     * one of them in a histogram of seconds outweighs millions of true ones.
     */
    static final Duration BELIEVED = Duration.ofDays(14);

    private RequestAge() {}

    /** Returns milliseconds; none where the timestamp cannot be true. A clock that is a little ahead counts as zero. */
    public static OptionalDouble millis(ConsumerRecord<byte[], byte[]> record, Instant now) {
        long age = now.toEpochMilli() - record.timestamp();
        return Math.abs(age) > BELIEVED.toMillis()
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) Math.max(0, age));
    }
}
