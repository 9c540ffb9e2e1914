package io.github.finetide.deploy.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.TopicView;
import io.github.finetide.kafka.Topics;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Brokers of its own: these tests stop and kill them. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class EmbeddedKafkaIT {
    private static final Topics TOPICS = new Topics("");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    private final List<String> values = new CopyOnWriteArrayList<>();

    @Test
    void aPortInUseIsOneClearError() throws IOException {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> EmbeddedKafka.start(other.getLocalPort(), folder))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageStartingWith("port " + other.getLocalPort() + " is in use");
        }
    }

    @Test
    void aFolderThatCannotBeMadeIsOneClearError() {
        Path impossible = Path.of("/proc/finetide");

        assertThatThrownBy(() -> EmbeddedKafka.start(0, impossible))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the data folder /proc/finetide cannot be used");
    }

    @Test
    void aViewFollowsItsTopicThroughARestartOfTheBroker() throws Exception {
        int port = Ports.reserve();
        EmbeddedKafka first = EmbeddedKafka.start(port, folder);
        KafkaSettings settings = settings(first.bootstrapServers());
        createTopics(settings);
        try (TopicView<String> view = view(settings)) {
            send(settings, "before");
            view.catchUp(LIMIT);
            assertThatThrownBy(() -> EmbeddedKafka.start(0, folder))
                    .hasMessageStartingWith("another broker uses the data folder");
            first.close();
            assertThat(view.poll(Duration.ofMillis(300))).isZero();
            try (EmbeddedKafka second = EmbeddedKafka.start(port, folder)) {
                assertThat(second.bootstrapServers()).isEqualTo(first.bootstrapServers());
                send(settings, "after");
                view.catchUp(LIMIT);

                assertThat(values).endsWith("after");
            }
        }
    }

    @Test
    void aKilledBrokerStartsAgainOnItsDataAndHasAllOfIt() throws Exception {
        int port = Ports.reserve();
        KafkaSettings settings = settings("localhost:" + port);
        Process killed = broker(port);
        createTopics(settings);
        send(settings, "acknowledged");
        killed.destroyForcibly().waitFor();

        Process again = broker(port);
        List<String> said = new CopyOnWriteArrayList<>();
        Thread listening = new Thread(() -> again.inputReader(UTF_8).lines().forEach(said::add), "listening");
        listening.start();
        try (TopicView<String> view = view(settings)) {
            view.catchUp(LIMIT);
            assertThat(values).endsWith("acknowledged");
        } finally {
            again.toHandle().destroy(); // a process that is destroyed by itself is heard no more
        }

        assertThat(again.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(again.exitValue()).as("after SIGTERM").isZero();
        listening.join();
        assertThat(said).as("what it says after it listens").isEmpty();
    }

    /** A {@code finetide broker} in a process of its own; on return it listens. */
    private Process broker(int port) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.github.finetide.deploy.FinetideMain"));
        command.addAll(List.of("broker", "--port", Integer.toString(port), "--data", folder.toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader output = process.inputReader(UTF_8);
        List<String> lines = new ArrayList<>();
        String line;
        while ((line = output.readLine()) != null) {
            lines.add(line);
            if (line.startsWith("Kafka listens on localhost:" + port)) {
                return process;
            }
        }
        throw new AssertionError("the broker did not start: " + lines);
    }

    private static KafkaSettings settings(String bootstrapServers) {
        return new KafkaSettings(bootstrapServers, "", Map.of());
    }

    private static void createTopics(KafkaSettings settings) {
        try (Admin admin = settings.admin("test")) {
            TopicAdmin.ensure(admin, TOPICS, (short) 1);
        }
    }

    private static void send(KafkaSettings settings, String value) throws Exception {
        try (Producer<byte[], byte[]> producer = settings.producer("test")) {
            producer.send(new ProducerRecord<>(TOPICS.modelReleases(), "model".getBytes(UTF_8), value.getBytes(UTF_8)))
                    .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        }
    }

    private TopicView<String> view(KafkaSettings settings) {
        return new TopicView<>(
                settings.reader("test"),
                TOPICS.modelReleases(),
                record -> new String(record.value(), UTF_8),
                (key, value, record) -> values.add(String.valueOf(value)));
    }
}
