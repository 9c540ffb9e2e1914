package io.github.finetide.options;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where Kafka is: the options of every worker and command that talks to it, to be mixed in. */
public final class KafkaOptions {
    /** A broker that is being started answers by then. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(15);

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT,...",
            description = "Kafka brokers to start from (default: ${DEFAULT-VALUE}).")
    private String bootstrapServers = "localhost:9092";

    @Option(
            names = "--kafka-config",
            paramLabel = "KEY=VALUE",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Any Kafka client property, such as TLS or SASL settings; repeatable.")
    private Map<String, String> kafkaConfig = new LinkedHashMap<>();

    @Option(
            names = "--kafka-config-file",
            paramLabel = "FILE",
            description = "The same from a file of KEY=VALUE lines, so that passwords stand on no command line;"
                    + " --kafka-config wins.")
    private @Nullable Path kafkaConfigFile;

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            converter = OptionTypes.Prefix.class,
            description = "Put before every topic name (default: none).")
    private String topicPrefix = "";

    /** Throws FaultException where the file cannot be read, or where a property must not be set. */
    public KafkaSettings settings() {
        Map<String, String> properties = new LinkedHashMap<>();
        Path file = kafkaConfigFile;
        if (file != null) {
            properties.putAll(read(file));
        }
        properties.putAll(kafkaConfig);
        return new KafkaSettings(bootstrapServers, topicPrefix, properties);
    }

    /**
     * The settings of a command, whose user waits: with a broker that answers.
     *
     * @throws FaultException naming in one line what keeps it from Kafka
     */
    public KafkaSettings reachable() {
        KafkaSettings settings = settings();
        settings.requireReachable(ANSWER_LIMIT);
        return settings;
    }

    private static Map<String, String> read(Path file) {
        Properties read = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            read.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            throw new FaultException(
                    ErrorKind.INVALID, "--kafka-config-file %s cannot be read: %s".formatted(file, e), e);
        }
        Map<String, String> properties = new LinkedHashMap<>();
        read.stringPropertyNames().forEach(key -> properties.put(key, read.getProperty(key)));
        return properties;
    }
}
