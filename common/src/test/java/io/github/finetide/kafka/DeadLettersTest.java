package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
    private final FaultException why = new FaultException(ErrorKind.NOT_FOUND, "there is no file ä.jpg");

    @Test
    void keyBytesAndHeadersAreTheOriginalOnes() {
        byte[] notUtf8 = {(byte) 0xff, 0, (byte) 0xfe};
        RecordHeaders headers = new RecordHeaders();
        headers.add("traceparent", "00-ab-cd-01".getBytes(UTF_8))
                .add("twice", notUtf8)
                .add("twice", new byte[0]);

        ProducerRecord<byte[], byte[]> letter = DeadLetters.of(record(notUtf8, notUtf8, headers), why, 1);

        assertThat(letter.topic()).isEqualTo("classification.requests.dlq");
        assertThat(letter.key()).isEqualTo(notUtf8);
        assertThat(letter.value()).isEqualTo(notUtf8);
        assertThat(text(letter, "traceparent")).isEqualTo("00-ab-cd-01");
        assertThat(values(letter, "twice")).containsExactly(notUtf8, new byte[0]);
    }

    @Test
    void connectsHeadersAreText() {
        ProducerRecord<byte[], byte[]> letter = DeadLetters.of(record(new RecordHeaders()), why, 1);

        assertThat(text(letter, "__connect.errors.topic")).isEqualTo("classification.requests");
        assertThat(text(letter, "__connect.errors.partition")).isEqualTo("7");
        assertThat(text(letter, "__connect.errors.offset")).isEqualTo("4294967301");
        assertThat(text(letter, "__connect.errors.stage")).isEqualTo("TASK_PUT");
        assertThat(text(letter, "__connect.errors.exception.class.name"))
                .isEqualTo("io.github.finetide.message.FaultException");
        assertThat(text(letter, "__connect.errors.exception.message")).isEqualTo("there is no file ä.jpg");
    }

    @Test
    void springsHeadersHaveNumbersAsBigEndianBytes() {
        ProducerRecord<byte[], byte[]> letter = DeadLetters.of(record(new RecordHeaders()), why, 1);

        assertThat(text(letter, "kafka_dlt-original-topic")).isEqualTo("classification.requests");
        assertThat(values(letter, "kafka_dlt-original-partition")).containsExactly(new byte[] {0, 0, 0, 7});
        assertThat(values(letter, "kafka_dlt-original-offset")).containsExactly(new byte[] {0, 0, 0, 1, 0, 0, 0, 5});
        assertThat(values(letter, "kafka_dlt-original-timestamp"))
                .containsExactly(new byte[] {0, 0, 0, 0, 0, 0, 4, (byte) 0xd2});
        assertThat(text(letter, "kafka_dlt-original-timestamp-type")).isEqualTo("LogAppendTime");
        assertThat(text(letter, "kafka_dlt-exception-fqcn")).isEqualTo("io.github.finetide.message.FaultException");
        assertThat(text(letter, "kafka_dlt-exception-message")).isEqualTo("there is no file ä.jpg");
    }

    @Test
    void ourHeadersSayKindAttemptsAndReplays() {
        ProducerRecord<byte[], byte[]> letter = DeadLetters.of(record(new RecordHeaders()), why, 4);

        assertThat(text(letter, "finetide-error-kind")).isEqualTo("not_found");
        assertThat(text(letter, "finetide-attempts")).isEqualTo("4");
        assertThat(text(letter, "finetide-replays")).isEqualTo("0");
    }

    @Test
    void aLetterThatFailsAgainTellsOfTheLastFailureOnceAndKeepsItsReplays() {
        ProducerRecord<byte[], byte[]> first = DeadLetters.of(record(new RecordHeaders()), why, 1);
        RecordHeaders replayed = new RecordHeaders(first.headers());
        replayed.remove("finetide-replays").add("finetide-replays", "2".getBytes(UTF_8));

        ProducerRecord<byte[], byte[]> second =
                DeadLetters.of(record(replayed), new FaultException(ErrorKind.MALFORMED, "not JSON"), 1);

        assertThat(text(second, "__connect.errors.stage")).isEqualTo("VALUE_CONVERTER");
        assertThat(text(second, "kafka_dlt-exception-message")).isEqualTo("not JSON");
        assertThat(text(second, "finetide-error-kind")).isEqualTo("malformed");
        assertThat(text(second, "finetide-replays")).isEqualTo("2");
    }

    @Test
    void aForgedReplayCountIsTakenForNone() {
        for (String forged : new String[] {"-1", "many", "", "99999999999"}) {
            RecordHeaders headers = new RecordHeaders();
            headers.add("finetide-replays", forged.getBytes(UTF_8));

            assertThat(DeadLetters.replays(headers)).isZero();
        }
    }

    @Test
    void aMessageWithoutEndIsCut() {
        FaultException endless = new FaultException(ErrorKind.INVALID, "x".repeat(100_000));

        assertThat(text(DeadLetters.of(record(new RecordHeaders()), endless, 1), "__connect.errors.exception.message"))
                .hasSize(DeadLetters.MAX_MESSAGE_CHARACTERS + " ...".length());
    }

    /** It came compressed; its letter would be refused, and with it the result in the same transaction. */
    @Test
    void valueThatIsTooLargeIsCutAndDescribed() {
        byte[] value = new byte[3 << 20];
        Arrays.fill(value, (byte) ' ');

        ProducerRecord<byte[], byte[]> letter =
                DeadLetters.of(record("key".getBytes(UTF_8), value, new RecordHeaders()), why, 1);

        assertThat(letter.value()).hasSizeBetween(DeadLetters.MAX_BYTES - 2048, DeadLetters.MAX_BYTES);
        assertThat(LetterLimit.bytes(letter)).isLessThanOrEqualTo(DeadLetters.MAX_BYTES);
        assertThat(letter.key()).isEqualTo("key".getBytes(UTF_8));
        assertThat(text(letter, "finetide-value-bytes")).isEqualTo("3145728");
        assertThat(text(letter, "finetide-value-sha256"))
                .isEqualTo("6a3cfdf3ce3887c663d9474e0833b92190a4285f45b3358068cbdfd1f91a8ec7");
        assertThat(text(letter, "__connect.errors.offset")).isEqualTo("4294967301");
        assertThat(LetterLimit.isCut(letter.headers())).isTrue();
    }

    @Test
    void keyAndHeadersThatAreTooLargeAreLeftOut() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("large", new byte[2 << 20]).add("small", new byte[1]);

        ProducerRecord<byte[], byte[]> letter = DeadLetters.of(record(new byte[1 << 20], new byte[5], headers), why, 1);

        assertThat(letter.key()).isNull();
        assertThat(letter.value()).hasSize(5);
        assertThat(text(letter, "finetide-key-bytes")).isEqualTo("1048576");
        assertThat(text(letter, "finetide-headers-left-out")).isEqualTo("2");
        assertThat(text(letter, "finetide-error-kind")).isEqualTo("not_found");
        assertThat(LetterLimit.bytes(letter)).isLessThanOrEqualTo(DeadLetters.MAX_BYTES);
    }

    @Test
    void briefLetterSaysPlaceAndReason() {
        ProducerRecord<byte[], byte[]> letter =
                DeadLetters.brief(DeadLetters.of(record(new byte[9], new byte[1 << 20], new RecordHeaders()), why, 1));

        assertThat(LetterLimit.bytes(letter)).isLessThanOrEqualTo(DeadLetters.MAX_BRIEF_BYTES);
        assertThat(text(letter, "finetide-value-bytes")).isEqualTo("1048576");
        assertThat(text(letter, "__connect.errors.exception.message")).isEqualTo("there is no file ä.jpg");
    }

    @Test
    void whatWasCutOfAnEarlierLetterIsNotSaidOfTheNext() {
        ProducerRecord<byte[], byte[]> letter =
                DeadLetters.of(record(new byte[1], new byte[3 << 20], new RecordHeaders()), why, 1);

        assertThat(LetterLimit.isCut(DeadLetters.withoutErrors(letter.headers())))
                .isFalse();
    }

    private static ConsumerRecord<byte[], byte[]> record(RecordHeaders headers) {
        return record("key".getBytes(UTF_8), "value".getBytes(UTF_8), headers);
    }

    private static ConsumerRecord<byte[], byte[]> record(byte[] key, byte[] value, RecordHeaders headers) {
        long offset = (1L << 32) + 5;
        return new ConsumerRecord<>(
                "classification.requests",
                7,
                offset,
                1234L,
                TimestampType.LOG_APPEND_TIME,
                key.length,
                value.length,
                key,
                value,
                headers,
                Optional.empty());
    }

    /** Of the one header of that name. */
    private static String text(ProducerRecord<byte[], byte[]> letter, String name) {
        List<byte[]> values = values(letter, name);
        assertThat(values).as(name).hasSize(1);
        return new String(values.get(0), UTF_8);
    }

    private static List<byte[]> values(ProducerRecord<byte[], byte[]> letter, String name) {
        List<byte[]> values = new ArrayList<>();
        for (Header header : letter.headers().headers(name)) {
            values.add(header.value());
        }
        return values;
    }
}
