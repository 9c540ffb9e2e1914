package io.github.finetide.inference.requests;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.inference.model.Fakes;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RequestAgeTest {
    @Test
    void ageIsSinceTheRequestWasProduced() {
        assertThat(RequestAge.millis(at(Fakes.NOW.minusMillis(1_500)), Fakes.NOW))
                .hasValue(1_500);
        assertThat(RequestAge.millis(at(Fakes.NOW.minus(RequestAge.BELIEVED)), Fakes.NOW))
                .isPresent();
    }

    @Test
    void clockThatIsALittleAheadCountsAsNone() {
        assertThat(RequestAge.millis(at(Fakes.NOW.plusSeconds(3)), Fakes.NOW)).hasValue(0);
    }

    @Test
    void timestampThatCannotBeTrueSaysNothing() {
        assertThat(RequestAge.millis(at(Instant.EPOCH), Fakes.NOW)).isEmpty();
        assertThat(RequestAge.millis(at(Instant.ofEpochMilli(-1)), Fakes.NOW)).isEmpty();
        assertThat(RequestAge.millis(at(Instant.ofEpochMilli(Fakes.NOW.getEpochSecond())), Fakes.NOW))
                .as("in seconds")
                .isEmpty();
        assertThat(RequestAge.millis(at(Fakes.NOW.plusSeconds(1L << 40)), Fakes.NOW))
                .isEmpty();
    }

    private static ConsumerRecord<byte[], byte[]> at(Instant time) {
        return new ConsumerRecord<>(
                "requests",
                0,
                0,
                time.toEpochMilli(),
                TimestampType.CREATE_TIME,
                0,
                0,
                new byte[0],
                new byte[0],
                new RecordHeaders(),
                Optional.empty());
    }
}
