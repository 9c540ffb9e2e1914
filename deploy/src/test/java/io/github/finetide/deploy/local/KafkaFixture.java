package io.github.finetide.deploy.local;

import io.github.finetide.files.FileTree;
import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * One broker for all test classes of this JVM, and topics of its own for each class:
 *
 * <pre>{@code
 * @RegisterExtension
 * static final KafkaFixture kafka = new KafkaFixture();
 * }</pre>
 */
public final class KafkaFixture implements BeforeAllCallback {
    private static final AtomicInteger CLASSES = new AtomicInteger();

    private String prefix = "";

    @Override
    public void beforeAll(ExtensionContext context) {
        prefix = "t" + CLASSES.incrementAndGet() + "-"
                + context.getRequiredTestClass().getSimpleName() + ".";
        try (Admin admin = settings().admin("fixture")) {
            TopicAdmin.ensure(admin, topics(), (short) 1);
            GroupAdmin.configureTrainerGroup(admin, topics(), GroupAdmin.RECORD_LOCK);
        }
    }

    public String bootstrapServers() {
        return Shared.BROKER.bootstrapServers();
    }

    /** Different for each test class: to be given to workers as {@code --topic-prefix}. */
    public String topicPrefix() {
        return prefix;
    }

    public Topics topics() {
        return new Topics(prefix);
    }

    public KafkaSettings settings() {
        return new KafkaSettings(bootstrapServers(), prefix, Map.of());
    }

    /** Started by the first class that needs it, stopped with the JVM. */
    private static final class Shared {
        static final EmbeddedKafka BROKER = start();

        private static EmbeddedKafka start() {
            try {
                Path data = Files.createTempDirectory("finetide-kafka");
                EmbeddedKafka broker = EmbeddedKafka.start(0, data);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(broker, data)));
                return broker;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void stop(EmbeddedKafka broker, Path data) {
            broker.close();
            try {
                FileTree.delete(data);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
