package io.github.finetide.kafka;

import java.util.Map;

/**
 * What a topic must look like.
 *
 * @param partitions exact where the order of all keys matters (1), else the least that is enough
 * @param configs topic configuration that differs from the broker's defaults
 * @param newerConfigs the same, set only where the brokers are new enough to know it
 */
public record TopicSpec(String name, int partitions, Map<String, String> configs, Map<String, String> newerConfigs) {
    public TopicSpec {
        configs = Map.copyOf(configs);
        newerConfigs = Map.copyOf(newerConfigs);
    }

    public TopicSpec(String name, int partitions, Map<String, String> configs) {
        this(name, partitions, configs, Map.of());
    }
}
