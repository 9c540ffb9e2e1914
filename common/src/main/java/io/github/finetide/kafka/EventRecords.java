package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.ClassificationDisagreement;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.DatasetFindings;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.Event;
import io.github.finetide.message.FeatureRequest;
import io.github.finetide.message.FeatureResult;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import java.net.URLEncoder;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Events as Kafka records: JSON value, CloudEvents 1.0 attributes as headers (binary content mode of
 * the Kafka protocol binding).
 */
public final class EventRecords {
    /** Header of a job's record that took the place of another: when that one came, in milliseconds since 1970. */
    public static final String FIRST_QUEUED = "finetide-first-queued";

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private EventRecords() {}

    /** As the longer form, under the event's own key. */
    public static ProducerRecord<byte[], byte[]> of(String topic, Event event, String source, @Nullable Headers cause) {
        return of(topic, event.key().getBytes(UTF_8), event, source, cause);
    }

    /**
     * A record of an event.
     *
     * @param key the record key; null where the message answered had none
     * @param source the worker's id
     * @param cause headers of the message that led to this event: {@code traceparent}, {@code
     *     tracestate} and the user's own are passed on, what describes that message itself is not
     */
    public static ProducerRecord<byte[], byte[]> of(
            String topic, byte @Nullable [] key, Event event, String source, @Nullable Headers cause) {
        Headers headers = new RecordHeaders();
        add(headers, "ce_specversion", "1.0");
        add(headers, "ce_id", event.id());
        add(headers, "ce_type", event.type());
        add(headers, "ce_source", source(source));
        add(headers, "ce_time", TIME.format(time(event)));
        add(headers, "ce_subject", event.subject());
        add(headers, "content-type", "application/json");
        if (cause != null) {
            passOn(cause, headers);
        }
        return new ProducerRecord<>(topic, null, null, key, Json.write(event), headers);
    }

    private static void passOn(Headers cause, Headers headers) {
        for (Header header : cause) {
            if (!describesItsRecord(header.key())) {
                headers.add(header);
            }
        }
    }

    private static boolean describesItsRecord(String name) {
        return name.startsWith("ce_")
                || name.equalsIgnoreCase("content-type")
                || DeadLetters.isErrorHeader(name)
                || name.equals(DeadLetters.REPLAYS)
                || name.equals(FIRST_QUEUED);
    }

    /** A URI reference, as CloudEvents wants it, whatever characters the worker's id has. */
    private static String source(String workerId) {
        return "/finetide/workers/" + URLEncoder.encode(workerId, UTF_8).replace("+", "%20");
    }

    /** When it happened, as the event itself says. */
    private static Instant time(Event event) {
        if (event instanceof JobStatus status) {
            return status.updatedAt();
        } else if (event instanceof EpochMetrics metrics) {
            return metrics.at();
        } else if (event instanceof CheckpointSaved saved) {
            return saved.at();
        } else if (event instanceof DatasetFindings findings) {
            return findings.at();
        } else if (event instanceof ModelRelease release) {
            return release.releasedAt();
        } else if (event instanceof Classified classified) {
            return classified.at();
        } else if (event instanceof FeatureRequest request) {
            return request.at();
        } else if (event instanceof FeatureResult result) {
            return result.at();
        } else if (event instanceof Rejected rejected) {
            return rejected.at();
        } else if (event instanceof ClassificationDisagreement disagreement) {
            return disagreement.at();
        }
        throw new IllegalStateException("an event without a time: " + event.type());
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(UTF_8));
    }
}
