package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A topic that is deleted and made anew has a life of its own, and offsets from 0 again. */
class RemadeTopicViewTest implements TopicView.Listener<String> {
    private static final TopicPartition PARTITION = new TopicPartition("model.releases", 0);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final MockConsumer<byte[], byte[]> reader = new MockConsumer<>("earliest");
    private final List<String> read = new ArrayList<>();
    private String topicId = "A";

    @Test
    void itIsReadFromItsBeginningHoweverFarTheFormerOneWasRead() {
        reader.updateBeginningOffsets(Map.of(PARTITION, 0L));
        reader.updateEndOffsets(Map.of(PARTITION, 2L));
        try (TopicView<String> view = view()) {
            add("first", "second");
            view.catchUp(LIMIT);
            topicId = "B";
            reader.updateEndOffsets(Map.of(PARTITION, 1L));
            add("third");
            view.catchUp(LIMIT);

            assertThat(view.topicId()).isEqualTo("B");
        }
        assertThat(read).containsExactly("first", "second", "third");
    }

    @Test
    void whileItIsMissingNothingIsRead() {
        reader.updateBeginningOffsets(Map.of(PARTITION, 0L));
        topicId = "";
        try (TopicView<String> view = view()) {
            assertThatThrownBy(() -> view.poll(Duration.ZERO))
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContaining("does not exist");
        }
    }

    private TopicView<String> view() {
        return new TopicView<>(
                reader, PARTITION.topic(), this::topicId, record -> new String(record.value(), UTF_8), this);
    }

    private String topicId() {
        if (topicId.isEmpty()) {
            throw new FaultException(ErrorKind.UNAVAILABLE, "the topic does not exist");
        }
        return topicId;
    }

    private void add(String... values) {
        reader.schedulePollTask(() -> {
            for (int offset = 0; offset < values.length; offset++) {
                byte[] value = values[offset].getBytes(UTF_8);
                reader.addRecord(new ConsumerRecord<>(PARTITION.topic(), 0, offset, value, value));
            }
        });
    }

    @Override
    public void changed(String key, @Nullable String value, ConsumerRecord<byte[], byte[]> record) {
        read.add(String.valueOf(value));
    }
}
