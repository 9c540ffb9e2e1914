package io.github.finetide.inference;

import io.github.finetide.inference.requests.PublicationListener;
import io.github.finetide.inference.requests.RequestAge;
import io.github.finetide.inference.requests.RequestResult;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.Timings;
import io.github.finetide.tracing.Trace;
import io.github.finetide.tracing.Tracing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * Traces requests once their results are committed: their times are known then, as they stand in the results. Between the
 * queue's end and the fetch's begin a request waits for its model and its source.
 */
final class RequestSpans implements PublicationListener {
    private final PublicationListener next;
    private final Tracing tracing;
    private final InstantSource clock;

    /** @param next learns the same */
    RequestSpans(PublicationListener next, Tracing tracing, InstantSource clock) {
        this.next = next;
        this.tracing = tracing;
        this.clock = clock;
    }

    @Override
    public void published(RequestResult published) {
        next.published(published);
        ClassificationResult result = published.result();
        ConsumerRecord<byte[], byte[]> record = published.place().record();
        if (result instanceof Classified classified) {
            Trace trace = trace(record, classified.at(), classified.timings());
            trace.set("finetide.request_id", classified.requestId());
            trace.set("finetide.model", classified.model());
            trace.set("finetide.version", classified.version());
            trace.end(clock.instant(), null);
        } else if (result instanceof Rejected rejected) {
            Trace trace = trace(record, rejected.at(), rejected.timings());
            trace.set("finetide.request_id", rejected.requestId());
            trace.set("finetide.model", rejected.model());
            trace.end(clock.instant(), rejected.error().kind().wire());
        }
    }

    private Trace trace(ConsumerRecord<byte[], byte[]> record, Instant written, Timings timings) {
        Instant inference = before(written, timings.inferenceMillis());
        Instant wait = before(inference, timings.waitMillis());
        Instant decode = before(wait, timings.decodeMillis());
        Instant fetch = before(decode, timings.fetchMillis());
        Instant now = clock.instant();
        Instant sent = RequestAge.millis(record, now).isPresent() ? Instant.ofEpochMilli(record.timestamp()) : fetch;
        Trace trace = tracing.begin("classify", sent, name -> header(record, name));
        trace.set("messaging.system", "kafka");
        trace.set("messaging.destination.name", record.topic());
        trace.part("queue", sent, before(sent, -timings.queueMillis()));
        trace.part("fetch", fetch, decode);
        trace.part("decode", decode, wait);
        trace.part("wait", wait, inference);
        trace.part("inference", inference, written);
        trace.part("publish", written, now);
        return trace;
    }

    private static Instant before(Instant end, double millis) {
        return end.minus(Duration.ofNanos(Math.round(millis * 1e6)));
    }

    private static @Nullable String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    public void givenUp(String topic, String reason) {
        next.givenUp(topic, reason);
    }
}
