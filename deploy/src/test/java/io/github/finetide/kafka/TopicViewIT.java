package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.deploy.local.KafkaFixture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopicViewIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    private final String topic = "view-" + UUID.randomUUID();
    private final List<String> received = new ArrayList<>();
    private final Map<String, Integer> values = new HashMap<>();
    private final Producer<byte[], byte[]> producer = kafka.settings().producer("test");

    @BeforeEach
    void create() throws Exception {
        try (Admin admin = kafka.settings().admin("test")) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
    }

    @AfterEach
    void close() {
        producer.close();
    }

    @Test
    void theNewestValueOfEachKeyIsKeptAndANullTakesItAway() throws Exception {
        send("a", "1");
        send("b", "1");
        send("a", "2");
        send("b", null);
        try (TopicView<Integer> view = view()) {
            view.catchUp(LIMIT);

            assertThat(values).containsOnlyKeys("a").containsEntry("a", 2);
            assertThat(values).doesNotContainKey("b");
            assertThat(received).containsExactly("a=1", "b=1", "a=2", "b=null");
        }
    }

    @Test
    void whatComesLaterIsFollowed() throws Exception {
        try (TopicView<Integer> view = view()) {
            view.catchUp(LIMIT);
            send("a", "7");

            assertThat(view.poll(LIMIT)).isEqualTo(1);
            assertThat(values).containsEntry("a", 7);
        }
    }

    @Test
    void aRecordThatIsNotUnderstoodIsToldAndTheFormerValueStays() throws Exception {
        send("a", "1");
        send("a", "one");
        try (TopicView<Integer> view = view()) {
            view.catchUp(LIMIT);

            assertThat(values).containsEntry("a", 1);
            assertThat(received).containsExactly("a=1", "refused at 1");
        }
    }

    @Test
    void whatIsBeforeItsStartIsLeftOutAndWhatWasReadCanBeReadAgain() throws Exception {
        send("a", "1");
        send("b", "2");
        send("c", "3");
        try (TopicView<Integer> view = view()) {
            view.startAt(1);
            view.catchUp(LIMIT);
            assertThat(received).containsExactly("b=2", "c=3");

            assertThat(view.again(1, LIMIT)).contains(2);
            send("d", "4");
            view.catchUp(LIMIT);
            assertThat(received).containsExactly("b=2", "c=3", "d=4");
        }
    }

    @Test
    void whatAnAbortedTransactionWroteIsNotSeenAndDoesNotKeepTheEndOutOfReach() {
        try (Producer<byte[], byte[]> aborting = kafka.settings().transactionalProducer("test", topic)) {
            aborting.initTransactions();
            aborting.beginTransaction();
            var unused = aborting.send(record("a", "1")); // flushed below
            aborting.flush();
            aborting.abortTransaction();
        }
        try (TopicView<Integer> view = view()) {
            view.catchUp(LIMIT);

            assertThat(values).isEmpty();
        }
    }

    @Test
    void whatSomebodyElsesOpenTransactionHidesIsWaitedFor() throws Exception {
        KafkaSettings brief = new KafkaSettings(
                kafka.bootstrapServers(), kafka.topicPrefix(), Map.of("transaction.timeout.ms", "1000"));
        try (Producer<byte[], byte[]> asleep = brief.transactionalProducer("asleep", topic);
                Admin admin = kafka.settings().admin("test");
                TopicView<Integer> view = view()) {
            asleep.initTransactions();
            asleep.beginTransaction();
            var unused = asleep.send(record("a", "1")); // flushed below
            asleep.flush();
            send("b", "2");
            view.catchUp(LIMIT);
            assertThat(values).as("seen at once").isEmpty();
            view.catchUp(admin, LIMIT);
            assertThat(values).containsOnlyKeys("b");
        }
    }

    @Test
    void catchingUpWithATopicThatDoesNotExistEndsWithinItsLimit() {
        try (TopicView<Integer> view = new TopicView<>(
                kafka.settings().reader("test"), topic + "-missing", TopicViewIT::number, (key, value, record) -> {})) {
            assertThatThrownBy(() -> view.catchUp(Duration.ofSeconds(1))).isInstanceOf(TimeoutException.class);
        }
    }

    private TopicView<Integer> view() {
        return new TopicView<>(kafka.settings().reader("test"), topic, TopicViewIT::number, new TopicView.Listener<>() {
            @Override
            public void changed(String key, @Nullable Integer value, ConsumerRecord<byte[], byte[]> record) {
                received.add(key + "=" + value);
                if (value == null) {
                    values.remove(key);
                } else {
                    values.put(key, value);
                }
            }

            @Override
            public void refused(ConsumerRecord<byte[], byte[]> record, RuntimeException why) {
                received.add("refused at " + record.offset());
            }
        });
    }

    private static Integer number(ConsumerRecord<byte[], byte[]> record) {
        return Integer.valueOf(new String(record.value(), UTF_8));
    }

    private void send(String key, @Nullable String value) throws Exception {
        producer.send(record(key, value)).get(20, TimeUnit.SECONDS);
    }

    private ProducerRecord<byte[], byte[]> record(String key, @Nullable String value) {
        return new ProducerRecord<>(topic, key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
    }
}
