package io.github.finetide.kafka;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;

import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.jspecify.annotations.Nullable;

/** Whether topics keep their records as they must: of requests in a compacted topic, only the last of a key would stay. */
final class Policies {
    private final Admin admin;
    private final List<TopicSpec> specs;
    private final Duration answerLimit;

    Policies(Admin admin, Topics topics, Set<String> names, Duration answerLimit) {
        this.admin = admin;
        this.answerLimit = answerLimit;
        specs = topics.specs().stream()
                .filter(spec -> names.contains(spec.name()))
                .toList();
    }

    /** What is wrong with the first one that is wrong, and what to do; null where there is none. */
    @Nullable String problem() {
        DescribeConfigsOptions options = new DescribeConfigsOptions().timeoutMs((int) answerLimit.toMillis());
        Map<ConfigResource, KafkaFuture<Config>> answers = admin.describeConfigs(
                        specs.stream().map(Policies::resource).toList(), options)
                .values();
        return specs.stream()
                .map(spec -> problem(spec, answers.get(resource(spec))))
                .filter(found -> !found.isEmpty())
                .findFirst()
                .orElse(null);
    }

    private static ConfigResource resource(TopicSpec spec) {
        return new ConfigResource(ConfigResource.Type.TOPIC, spec.name());
    }

    private String problem(TopicSpec spec, @Nullable KafkaFuture<Config> answer) {
        if (answer == null) {
            return "";
        }
        Config config;
        try {
            config = Answers.of(answer, "describe the topic " + spec.name(), answerLimit.multipliedBy(2));
        } catch (FaultException why) {
            if (why.getCause() instanceof TopicAuthorizationException) {
                return "no right to DESCRIBE_CONFIGS the topic %s; grant it to the worker's principal"
                        .formatted(spec.name());
            }
            throw why;
        }
        String wanted = spec.configs().get(CLEANUP_POLICY_CONFIG);
        ConfigEntry found = config.get(CLEANUP_POLICY_CONFIG);
        return found == null || found.value().equals(wanted)
                ? ""
                : "the topic %s has %s %s and needs %s; change it with kafka-configs, or make it anew"
                        .formatted(spec.name(), CLEANUP_POLICY_CONFIG, found.value(), wanted);
    }
}
