package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import java.net.URI;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class EventRecordsTest {
    private static final ModelRelease EVENT = new ModelRelease(
            "dishes",
            "job-1@3",
            URI.create("file:///store/job-1/epoch-0003"),
            "0".repeat(64),
            Instant.parse("2026-01-02T03:04:05.600Z"),
            null);

    @Test
    void attributesOfCloudEventsAreHeadersAndTheValueIsJson() {
        ProducerRecord<byte[], byte[]> record = EventRecords.of("model.releases", EVENT, "host ä", null);

        assertThat(headers(record))
                .containsExactlyInAnyOrderEntriesOf(Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", EVENT.id(),
                        "ce_type", "io.github.finetide.message.ModelRelease",
                        "ce_source", "/finetide/workers/host%20%C3%A4",
                        "ce_time", "2026-01-02T03:04:05.600Z",
                        "ce_subject", "dishes",
                        "content-type", "application/json"));
        assertThat(record.key()).isEqualTo("dishes".getBytes(UTF_8));
        assertThat(Json.read(record.value(), ModelRelease.class)).isEqualTo(EVENT);
    }

    @Test
    void aWholeSecondIsWrittenWithMilliseconds() {
        ModelRelease onTheSecond =
                new ModelRelease("m", "j@1", EVENT.uri(), EVENT.digest(), Instant.parse("2026-01-02T03:04:05Z"), null);

        assertThat(headers(EventRecords.of("t", onTheSecond, "w", null)))
                .containsEntry("ce_time", "2026-01-02T03:04:05.000Z");
    }

    @Test
    void theKeyMayBeAnotherOrNone() {
        byte[] key = {0, 1, 2};

        assertThat(EventRecords.of("t", key, EVENT, "w", null).key()).isEqualTo(key);
        assertThat(EventRecords.of("t", (byte[]) null, EVENT, "w", null).key()).isNull();
    }

    @Test
    void traceAndTheUsersHeadersArePassedOnButNotWhatDescribesTheCause() {
        Headers cause = new RecordHeaders();
        Map.of(
                        "traceparent", "00-1-2-01",
                        "tracestate", "a=b",
                        "tenant", "blue",
                        "ce_id", "of the cause",
                        "ce_myextension", "of the cause",
                        "Content-Type", "text/plain",
                        "finetide-replays", "2")
                .forEach((name, value) -> cause.add(name, value.getBytes(UTF_8)));

        Map<String, String> headers = headers(EventRecords.of("t", EVENT, "w", cause));

        assertThat(headers)
                .containsEntry("traceparent", "00-1-2-01")
                .containsEntry("tracestate", "a=b")
                .containsEntry("tenant", "blue")
                .containsEntry("ce_id", EVENT.id())
                .doesNotContainKeys("ce_myextension", "Content-Type", "finetide-replays");
    }

    @Test
    void theErrorHeadersOfADeadLetterDoNotReachAnAnswer() {
        ConsumerRecord<byte[], byte[]> failed = new ConsumerRecord<>(
                "t",
                0,
                0,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                new byte[0],
                new byte[0],
                new RecordHeaders(),
                Optional.empty());
        Headers cause = DeadLetters.of(failed, new FaultException(ErrorKind.INVALID, "x"), 1)
                .headers();

        assertThat(headers(EventRecords.of("t", EVENT, "w", cause)))
                .isEqualTo(headers(EventRecords.of("t", EVENT, "w", null)));
    }

    private static Map<String, String> headers(ProducerRecord<byte[], byte[]> record) {
        Map<String, String> headers = new LinkedHashMap<>();
        record.headers()
                .forEach(header -> assertThat(headers.put(header.key(), new String(header.value(), UTF_8)))
                        .as(header.key())
                        .isNull());
        return headers;
    }
}
