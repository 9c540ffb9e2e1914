package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.runtime.CommandLines;
import io.github.finetide.runtime.OptionTypes;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where Kafka is: the options of every command that talks to it. */
final class KafkaOptions {
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

    KafkaSettings settings() {
        return new KafkaSettings(bootstrapServers, topicPrefix, kafkaConfig);
    }
}
