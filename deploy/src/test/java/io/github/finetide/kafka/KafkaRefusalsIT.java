package io.github.finetide.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.local.SecuredKafka;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands between a client and a broker with passwords, certificates and rights is named at once. */
class KafkaRefusalsIT {
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final String NOBODY = "somebody";

    private static SecuredKafka kafka;

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        kafka = SecuredKafka.start(folder, List.of(NOBODY));
        try (Admin admin = settings(kafka.adminConfig(), Map.of()).admin("test")) {
            TopicAdmin.ensure(admin, new Topics(""), (short) 1);
        }
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    private static KafkaSettings settings(Path file, Map<String, String> more) throws IOException {
        Properties read = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            read.load(reader);
        }
        Map<String, String> all = new HashMap<>();
        read.stringPropertyNames().forEach(name -> all.put(name, read.getProperty(name)));
        all.putAll(more);
        return new KafkaSettings(kafka.bootstrapServers(), "", all);
    }

    private static void assertRefused(KafkaSettings settings, String reason) {
        assertThatThrownBy(() -> settings.requireReachable(LIMIT))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("within 15 s");
    }

    @Test
    void everythingRight() throws Exception {
        assertThat(settings(kafka.clientConfig(NOBODY), Map.of()).reachabilityProblem())
                .isEmpty();
    }

    @Test
    void wrongPassword() throws Exception {
        String login =
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"no\";"
                        .formatted(NOBODY);
        assertRefused(
                settings(kafka.clientConfig(NOBODY), Map.of("sasl.jaas.config", login)),
                "the broker refused the credentials (Authentication failed: Invalid username or password);");
    }

    @Test
    void certificateThatIsNotTrusted() {
        String login =
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a\" password=\"b\";";
        assertRefused(
                new KafkaSettings(
                        kafka.bootstrapServers(),
                        "",
                        Map.of("security.protocol", "SASL_SSL", "sasl.mechanism", "PLAIN", "sasl.jaas.config", login)),
                "the TLS handshake failed (unable to find valid certification path");
    }

    @Test
    void plaintextAgainstTls() {
        assertRefused(
                new KafkaSettings(kafka.bootstrapServers(), "", Map.of()),
                "speaks TLS, and security.protocol is PLAINTEXT; set it to SSL or SASL_SSL");
    }

    @Test
    void advertisedNameThatCannotBeResolved() throws Exception {
        Map<String, String> login =
                settings(kafka.clientConfig(NOBODY), Map.of()).overrides();
        assertRefused(
                new KafkaSettings(kafka.lostBootstrapServers(), "", login), "which cannot be resolved here; correct");
    }

    @Test
    void missingRightIsNamedWithItsTopic() throws Exception {
        KafkaSettings settings = settings(kafka.clientConfig(NOBODY), Map.of());
        List<ClusterWatch.Need> needs =
                List.of(ClusterWatch.Need.toRead(settings.topics().modelReleases()));
        try (Admin admin = settings.admin("test");
                ClusterWatch watch = ClusterWatch.start(settings, admin, needs)) {
            await().atMost(LIMIT)
                    .until(() ->
                            String.valueOf(watch.problem()).startsWith("no right to READ the topic model.releases;"));
        }
    }

    @Test
    void transactionTimeoutAboveTheBrokers() throws Exception {
        KafkaSettings settings = settings(kafka.adminConfig(), Map.of("transaction.timeout.ms", "3600000"));
        try (Producer<byte[], byte[]> producer = settings.transactionalProducer("test", "test")) {
            assertThatThrownBy(producer::initTransactions).satisfies(why -> {
                assertThat(KafkaFaults.isPermanent(why)).isTrue();
                assertThat(KafkaFaults.text(why)).startsWith("transaction.timeout.ms is above the brokers'");
            });
        }
    }
}
