package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.Replay.Fate;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ReplayIT {
    private static final Set<String> ALL = Set.of();
    private static final double FAST = 10_000;

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    private final String input = "replay-" + UUID.randomUUID();
    private final String deadLetters = Topics.deadLetters(input);
    private final Producer<byte[], byte[]> producer = kafka.settings().producer("test");

    @BeforeEach
    void create() throws Exception {
        try (Admin admin = kafka.settings().admin("test")) {
            admin.createTopics(List.of(new NewTopic(input, 1, (short) 1), new NewTopic(deadLetters, 1, (short) 1)))
                    .all()
                    .get();
        }
    }

    @AfterEach
    void close() {
        producer.close();
    }

    @Test
    void aLetterIsSentOnceAsItWasWithItsReplayCounted() throws Exception {
        letter("key-1", ErrorKind.UNAVAILABLE, 0);

        assertThat(replay(ALL, false)).containsExactly(Map.entry(Fate.REPLAYED, 1));
        assertThat(replay(ALL, false)).containsExactly(Map.entry(Fate.REPLAYED_BEFORE, 1));

        List<ConsumerRecord<byte[], byte[]>> sent = everything(input);
        assertThat(sent).hasSize(1);
        assertThat(new String(sent.get(0).key(), UTF_8)).isEqualTo("key-1");
        assertThat(new String(sent.get(0).value(), UTF_8)).isEqualTo("value of key-1");
        assertThat(headers(sent.get(0))).containsExactlyInAnyOrder("tenant=blue", "finetide-replays=1");
    }

    @Test
    void onlyTheKindAskedForIsSentAndTheOthersStayForLater() throws Exception {
        letter("a", ErrorKind.UNAVAILABLE, 0);
        letter("b", ErrorKind.INVALID, 0);
        letter("c", ErrorKind.UNAVAILABLE, 0);

        assertThat(replay(Set.of("unavailable"), false))
                .containsOnly(Map.entry(Fate.REPLAYED, 2), Map.entry(Fate.OTHER_KIND, 1));
        assertThat(replay(ALL, false)).containsOnly(Map.entry(Fate.REPLAYED, 1), Map.entry(Fate.REPLAYED_BEFORE, 2));

        assertThat(everything(input))
                .extracting(record -> new String(record.key(), UTF_8))
                .containsExactly("a", "c", "b");
    }

    @Test
    void aDryRunSendsAndRemembersNothing() throws Exception {
        letter("a", ErrorKind.INVALID, 0);

        assertThat(replay(ALL, true)).containsExactly(Map.entry(Fate.REPLAYED, 1));

        assertThat(everything(input)).isEmpty();
        assertThat(replay(ALL, false)).containsExactly(Map.entry(Fate.REPLAYED, 1));
    }

    @Test
    void aLetterThatCameBackTooOftenIsLeft() throws Exception {
        letter("often", ErrorKind.INVALID, 3);
        letter("seldom", ErrorKind.INVALID, 2);

        assertThat(replay(ALL, false)).containsOnly(Map.entry(Fate.REPLAYED, 1), Map.entry(Fate.REPLAYED_TOO_OFTEN, 1));
        assertThat(everything(input))
                .singleElement()
                .satisfies(record -> assertThat(headers(record)).contains("finetide-replays=3"));
    }

    @Test
    void theRateIsKept() throws Exception {
        for (int i = 0; i < 5; i++) {
            letter("k" + i, ErrorKind.INVALID, 0);
        }
        long start = System.nanoTime();

        run(new Replay.Options(ALL, 4, 3, false, false));

        Duration fiveLettersAtFourASecond = Duration.ofSeconds(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(fiveLettersAtFourASecond);
        assertThat(everything(input)).hasSize(5);
    }

    @Test
    void aTopicThatIsNoDeadLetterTopicIsRefused() {
        assertThatThrownBy(() -> new Replay(kafka.settings(), input, new Replay.Options(ALL, 1, 1, false, false)))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining(input);
    }

    private Map<Fate, Integer> replay(Set<String> kinds, boolean dryRun) {
        return run(new Replay.Options(kinds, FAST, 3, false, dryRun));
    }

    private Map<Fate, Integer> run(Replay.Options options) {
        return new Replay(kafka.settings(), deadLetters, options).run(letter -> {});
    }

    private void letter(String key, ErrorKind kind, int replays) throws Exception {
        ConsumerRecord<byte[], byte[]> failed =
                new ConsumerRecord<>(input, 0, 0, key.getBytes(UTF_8), ("value of " + key).getBytes(UTF_8));
        failed.headers().add("tenant", "blue".getBytes(UTF_8));
        failed.headers().add(DeadLetters.REPLAYS, Integer.toString(replays).getBytes(UTF_8));
        ProducerRecord<byte[], byte[]> letter = DeadLetters.of(failed, new FaultException(kind, "why"), 1);
        producer.send(letter).get(20, TimeUnit.SECONDS);
    }

    private List<ConsumerRecord<byte[], byte[]>> everything(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (TopicView<byte[]> view = new TopicView<>(
                kafka.settings().reader("test"),
                topic,
                ConsumerRecord::value,
                (key, value, record) -> records.add(record))) {
            view.catchUp(Duration.ofSeconds(20));
        }
        return records;
    }

    private static List<String> headers(ConsumerRecord<byte[], byte[]> record) {
        List<String> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add(header.key() + "=" + new String(header.value(), UTF_8));
        }
        return headers;
    }
}
