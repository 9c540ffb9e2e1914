package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A record that does not fit into memory when it is unpacked costs itself and nothing else. */
class TopicViewMemoryTest {
    private static final TopicPartition PARTITION = new TopicPartition("training.jobs", 0);

    private final MockConsumer<byte[], byte[]> reader = new MockConsumer<>("earliest");
    private final List<ConsumerRecord<byte[], byte[]>> refused = new ArrayList<>();
    private final List<FaultException> reasons = new ArrayList<>();
    private final List<String> read = new ArrayList<>();

    @Test
    void thatRecordIsRefusedWithItsPlaceAndTheNextOneIsRead() {
        reader.updateBeginningOffsets(Map.of(PARTITION, 0L));
        try (TopicView<String> view = new TopicView<>(
                reader, PARTITION.topic(), record -> new String(record.value(), UTF_8), new Recorder())) {
            reader.schedulePollTask(() -> reader.addRecord(record(0, "before")));
            view.poll(Duration.ZERO);
            reader.schedulePollTask(() -> {
                throw new OutOfMemoryError("Java heap space");
            });
            view.poll(Duration.ZERO);
            reader.schedulePollTask(() -> reader.addRecord(record(2, "after")));
            view.poll(Duration.ZERO);
        }

        assertThat(read).containsExactly("before", "after");
        assertThat(refused).extracting(ConsumerRecord::offset).containsExactly(1L);
        assertThat(reasons).extracting(FaultException::kind).containsExactly(ErrorKind.OUT_OF_MEMORY);
        assertThat(DeadLetters.of(refused.get(0), reasons.get(0), 1).value()).isNull();
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, String value) {
        return new ConsumerRecord<>(PARTITION.topic(), 0, offset, new byte[0], value.getBytes(UTF_8));
    }

    private final class Recorder implements TopicView.Listener<String> {
        @Override
        public void changed(String key, @Nullable String value, ConsumerRecord<byte[], byte[]> record) {
            read.add(String.valueOf(value));
        }

        @Override
        public void refused(ConsumerRecord<byte[], byte[]> record, RuntimeException why) {
            refused.add(record);
            reasons.add((FaultException) why);
        }
    }
}
