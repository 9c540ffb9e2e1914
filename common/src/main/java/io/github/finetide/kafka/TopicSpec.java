package io.github.finetide.kafka;

import java.util.Map;

/**
 * What a topic must look like.
 *
 * @param partitions exact where the order of all keys matters (1), else the least that is enough
 * @param configs topic configuration that differs from the broker's defaults
 */
public record TopicSpec(String name, int partitions, Map<String, String> configs) {
    public TopicSpec {
        configs = Map.copyOf(configs);
    }
}
