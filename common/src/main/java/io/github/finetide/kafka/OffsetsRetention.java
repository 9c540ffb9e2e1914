package io.github.finetide.kafka;

import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.SEGMENT_MS_CONFIG;

import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;

/**
 * How long brokers remember what an idle group has read. A record that outlives that is read once more: a request is
 * answered again, a dead letter replayed again.
 *
 * @param limit empty where the brokers do not say, as to a client without the right to ask
 */
record OffsetsRetention(Optional<Duration> limit) {
    private static final String NAME = "offsets.retention.minutes";

    static OffsetsRetention of(Admin admin) {
        try {
            Collection<Node> nodes = Answers.of(admin.describeCluster().nodes(), "describe the cluster");
            ConfigResource broker = new ConfigResource(
                    ConfigResource.Type.BROKER, nodes.iterator().next().idString());
            Config config = Answers.of(
                            admin.describeConfigs(List.of(broker)).all(), "describe a broker's configuration")
                    .getOrDefault(broker, new Config(List.of()));
            return new OffsetsRetention(number(config, NAME).map(Duration::ofMinutes));
        } catch (FaultException notAllowed) {
            return new OffsetsRetention(Optional.empty());
        }
    }

    /** One sentence if records of this topic live too long; only for topics that are specified to live shorter. */
    Optional<String> difference(TopicSpec spec, Config found) {
        boolean readOnce =
                spec.configs().containsKey(SEGMENT_MS_CONFIG) && spec.configs().containsKey(RETENTION_MS_CONFIG);
        if (!readOnce || limit.isEmpty()) {
            return Optional.empty();
        }
        long retention = number(found, RETENTION_MS_CONFIG).orElse(-1L);
        long segment = number(found, SEGMENT_MS_CONFIG).orElse(0L);
        long most = limit.get().toMillis();
        return retention >= 0 && retention <= most - segment
                ? Optional.empty()
                : Optional.of("%s: retention.ms %d and segment.ms %d together need at most %d, the brokers' %s"
                        .formatted(spec.name(), retention, segment, most, NAME));
    }

    private static Optional<Long> number(Config config, String name) {
        return Optional.ofNullable(config.get(name)).map(ConfigEntry::value).map(Long::parseLong);
    }
}
