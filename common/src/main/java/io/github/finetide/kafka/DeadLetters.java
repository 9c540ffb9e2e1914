package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Records that a worker gave up: original key, bytes and headers, and headers that say why in the
 * spelling of Kafka Connect (numbers as text) and of Spring (numbers as big-endian bytes), so that
 * consoles made for either show them.
 *
 * <p>See RATIONALE.md, Why do dead letters carry two sets of headers?
 */
public final class DeadLetters {
    /** The kind of {@link FaultException}, as spelled in results and metrics. */
    public static final String ERROR_KIND = "finetide-error-kind";
    /** How often the work was tried, as text. */
    public static final String ATTEMPTS = "finetide-attempts";
    /** How often the message was replayed already, as text; the loop guard of {@link Replay}. */
    public static final String REPLAYS = "finetide-replays";

    /** Kafka's id of the topic that the offset is of, as text: another one where that topic was made anew. */
    public static final String TOPIC_ID = "finetide-topic-id";

    private static final String CONNECT = "__connect.errors.";
    private static final String SPRING = "kafka_dlt-";

    /** Longer messages (a list of bad lines) are cut, so that the letter stays within its topic's limit. */
    static final int MAX_MESSAGE_CHARACTERS = 16_000;

    /** What fits in a dead-letter topic as {@code finetide topics} makes it, with Kafka's own overhead. */
    static final int MAX_BYTES = TopicSpecs.MAX_DEAD_LETTER_BYTES - 16 * 1024;

    /** Fits wherever anything does; error messages make up most of it. */
    static final int MAX_BRIEF_BYTES = 16 * 1024;

    private DeadLetters() {}

    /**
     * The letter for a record, to be sent to the dead-letter topic of the record's topic. Of a record that is too large
     * for that, the value is cut.
     *
     * @param attempts how often the work was tried, at least 1
     */
    public static ProducerRecord<byte[], byte[]> of(
            ConsumerRecord<byte[], byte[]> failed, FaultException why, int attempts) {
        return of(failed, "", why, attempts);
    }

    /**
     * The same with the id of the record's topic.
     *
     * @param topicId empty where it is not known
     */
    public static ProducerRecord<byte[], byte[]> of(
            ConsumerRecord<byte[], byte[]> failed, String topicId, FaultException why, int attempts) {
        Headers headers = withoutErrors(failed.headers());
        int replays = replays(headers);
        headers.remove(REPLAYS);
        addConnect(headers, failed, why);
        addSpring(headers, failed, why);
        add(headers, ERROR_KIND, why.kind().wire());
        add(headers, ATTEMPTS, Integer.toString(attempts));
        add(headers, REPLAYS, Integer.toString(replays));
        if (!topicId.isEmpty()) {
            add(headers, TOPIC_ID, topicId);
        }
        return LetterLimit.fit(
                new ProducerRecord<>(
                        Topics.deadLetters(failed.topic()), null, null, failed.key(), failed.value(), headers),
                MAX_BYTES);
    }

    /** The same letter for a topic that refused it as too large: little more than the place and the reason. */
    public static ProducerRecord<byte[], byte[]> brief(ProducerRecord<byte[], byte[]> letter) {
        return LetterLimit.fit(letter, MAX_BRIEF_BYTES);
    }

    /** The offset of the record that a dead letter of this project is of; empty where another program wrote it. */
    public static Optional<Long> offset(ConsumerRecord<byte[], byte[]> letter) {
        return text(letter.headers(), CONNECT + "offset")
                .filter(value -> value.matches("[0-9]{1,18}"))
                .map(Long::parseLong);
    }

    /** The id of the topic of that record; empty where the letter does not say. */
    public static String topicId(ConsumerRecord<byte[], byte[]> letter) {
        return text(letter.headers(), TOPIC_ID).orElse("");
    }

    /** How often a message was replayed before: 0 unless it says so. */
    static int replays(Headers headers) {
        return text(headers, REPLAYS)
                .filter(value -> value.matches("[0-9]{1,9}"))
                .map(Integer::parseInt)
                .orElse(0);
    }

    /** Why a dead letter is one: {@code internal} where another program wrote it. */
    static String kind(Headers headers) {
        return text(headers, ERROR_KIND).orElse(ErrorKind.INTERNAL.wire());
    }

    static Optional<String> text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null
                ? Optional.empty()
                : Optional.of(new String(header.value(), UTF_8));
    }

    /** A copy of the headers that a message had before it first failed, and its replay count. */
    static Headers withoutErrors(Headers headers) {
        Headers kept = new RecordHeaders();
        for (Header header : headers) {
            if (!isErrorHeader(header.key())) {
                kept.add(header);
            }
        }
        return kept;
    }

    static boolean isErrorHeader(String name) {
        return name.startsWith(CONNECT)
                || name.startsWith(SPRING)
                || name.equals(ERROR_KIND)
                || name.equals(ATTEMPTS)
                || name.equals(TOPIC_ID)
                || LetterLimit.isNote(name);
    }

    /** As org.apache.kafka.connect.runtime.errors.DeadLetterQueueReporter: everything as UTF-8 text. */
    private static void addConnect(Headers headers, ConsumerRecord<byte[], byte[]> failed, FaultException why) {
        add(headers, CONNECT + "topic", failed.topic());
        add(headers, CONNECT + "partition", Integer.toString(failed.partition()));
        add(headers, CONNECT + "offset", Long.toString(failed.offset()));
        add(headers, CONNECT + "stage", stage(why.kind()));
        add(headers, CONNECT + "exception.class.name", why.getClass().getName());
        add(headers, CONNECT + "exception.message", message(why));
    }

    /** The name of Connect's Stage that comes closest. */
    private static String stage(ErrorKind kind) {
        return kind == ErrorKind.MALFORMED || kind == ErrorKind.INVALID ? "VALUE_CONVERTER" : "TASK_PUT";
    }

    /** As Spring's DeadLetterPublishingRecoverer: integers of 4 and 8 bytes, the rest as UTF-8 text. */
    private static void addSpring(Headers headers, ConsumerRecord<byte[], byte[]> failed, FaultException why) {
        add(headers, SPRING + "original-topic", failed.topic());
        headers.add(SPRING + "original-partition", bytes(failed.partition()));
        headers.add(SPRING + "original-offset", bytes(failed.offset()));
        headers.add(SPRING + "original-timestamp", bytes(failed.timestamp()));
        TimestampType timestamps = failed.timestampType();
        add(headers, SPRING + "original-timestamp-type", timestamps.toString());
        add(headers, SPRING + "exception-fqcn", why.getClass().getName());
        add(headers, SPRING + "exception-message", message(why));
    }

    private static String message(FaultException why) {
        @Nullable String message = why.getMessage();
        String text = message == null ? why.kind().wire() : message;
        return text.length() <= MAX_MESSAGE_CHARACTERS ? text : text.substring(0, MAX_MESSAGE_CHARACTERS) + " ...";
    }

    private static byte[] bytes(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static byte[] bytes(long value) {
        return ByteBuffer.allocate(Long.BYTES).putLong(value).array();
    }

    private static void add(Headers headers, String name, String value) {
        headers.add(name, value.getBytes(UTF_8));
    }
}
