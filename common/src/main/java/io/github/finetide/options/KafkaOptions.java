package io.github.finetide.options;

import io.github.finetide.kafka.KafkaSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where Kafka is: the options of every worker and command that talks to it, to be mixed in. */
public final class KafkaOptions {
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
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            converter = OptionTypes.Prefix.class,
            description = "Put before every topic name (default: none).")
    private String topicPrefix = "";

    /** Throws FaultException where {@code --kafka-config} holds what must not be set. */
    public KafkaSettings settings() {
        return new KafkaSettings(bootstrapServers, topicPrefix, kafkaConfig);
    }
}
