package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where Kafka is: the options of every command that talks to it. */
final class KafkaOptions {
    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:FINETIDE_BOOTSTRAP_SERVERS:-localhost:9092}",
            description = "Kafka to talk to (default: ${DEFAULT-VALUE}).")
    private String bootstrapServers;

    @Option(
            names = "--kafka-config",
            paramLabel = "KEY=VALUE",
            description = "A property of Kafka's clients, for example for TLS or SASL; repeatable.")
    private Map<String, String> kafkaConfig = new LinkedHashMap<>();

    @Option(
            names = "--topic-prefix",
            paramLabel = "PREFIX",
            defaultValue = "${env:FINETIDE_TOPIC_PREFIX:-}",
            description = "Put before the name of every topic and group.")
    private String topicPrefix;

    KafkaSettings settings() {
        return new KafkaSettings(bootstrapServers, topicPrefix, kafkaConfig);
    }
}
