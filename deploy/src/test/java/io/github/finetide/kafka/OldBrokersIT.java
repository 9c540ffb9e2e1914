package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.deploy.local.Ports;
import io.github.finetide.message.FaultException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Brokers of older releases, each in a process with jars of its own, which Maven fetches. */
@Tag("foreign")
class OldBrokersIT {
    private static final String OLDEST_SUPPORTED = "4.2.0";
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    private final int port = Ports.reserve();
    private Process broker;

    @SuppressWarnings("NullAway.Init")
    OldBrokersIT() {}

    @AfterEach
    void stop() throws InterruptedException {
        broker.destroyForcibly().waitFor();
    }

    @Test
    void oldestSupportedBrokerTakesAllTopicsAndTheGroupsSettings() throws Exception {
        KafkaSettings settings = start(OLDEST_SUPPORTED);
        settings.requireReachable(LIMIT);
        try (Admin admin = settings.admin("test")) {
            TopicAdmin.Report report = TopicAdmin.ensure(admin, settings.topics(), (short) 1);
            assertThat(report.created()).hasSize(settings.topics().specs().size());
            assertThat(TopicAdmin.ensure(admin, settings.topics(), (short) 1).differences())
                    .isEmpty();
            GroupAdmin.configureTrainerGroup(admin, settings.topics(), GroupAdmin.RECORD_LOCK);
        }
    }

    @ParameterizedTest
    @CsvSource({"4.1.1, 4.1", "3.9.1, 3.9"})
    void olderOneIsRefusedWithWhatIsNeededAndFound(String version, String found) throws Exception {
        KafkaSettings settings = start(version);

        assertThatThrownBy(() -> settings.requireReachable(LIMIT))
                .isInstanceOf(FaultException.class)
                .hasMessage("Kafka 4.2 or newer is needed; these brokers are Kafka " + found);
    }

    private KafkaSettings start(String version) throws IOException, InterruptedException {
        String jars = jars(version);
        Path properties = properties();
        run(java(
                jars,
                "kafka.tools.StorageTool",
                "format",
                "-t",
                Uuid.randomUuid().toString(),
                "-c",
                properties.toString()));
        broker = process(java(jars, "kafka.Kafka", properties.toString())).start();
        return new KafkaSettings("127.0.0.1:" + port, "", Map.of());
    }

    private String jars(String version) throws IOException, InterruptedException {
        Path pom = folder.resolve("pom.xml");
        Path classpath = folder.resolve("classpath");
        try (InputStream project = Objects.requireNonNull(OldBrokersIT.class.getResourceAsStream("old-broker.xml"))) {
            Files.copy(project, pom);
        }
        run(List.of(
                "mvn",
                "-q",
                "-B",
                "-f",
                pom.toString(),
                "-Dbroker.version=" + version,
                "dependency:build-classpath",
                "-Dmdep.outputFile=" + classpath));
        return Files.readString(classpath).strip();
    }

    private Path properties() throws IOException {
        int controller = Ports.reserve();
        return Files.write(
                folder.resolve("broker.properties"),
                List.of(
                        "process.roles=broker,controller",
                        "node.id=1",
                        "controller.quorum.voters=1@127.0.0.1:" + controller,
                        "listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controller),
                        "advertised.listeners=PLAINTEXT://127.0.0.1:" + port,
                        "controller.listener.names=CONTROLLER",
                        "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                        "offsets.topic.replication.factor=1",
                        "log.dirs=" + folder.resolve("data")),
                UTF_8);
    }

    private static List<String> java(String jars, String main, String... arguments) {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = new java.util.ArrayList<>(List.of(java, "-Xmx320m", "-cp", jars, main));
        command.addAll(List.of(arguments));
        return command;
    }

    private ProcessBuilder process(List<String> command) {
        File log = folder.resolve("log").toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log));
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Process process = process(command).start();
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("log")))
                .isZero();
    }
}
