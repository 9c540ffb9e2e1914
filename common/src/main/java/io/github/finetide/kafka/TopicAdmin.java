package io.github.finetide.kafka;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Creates the topics of a deployment, or says in which way those that exist differ. */
public final class TopicAdmin {
    /** As many copies as {@code ensure} is asked for by default: what the broker says. */
    public static final short BROKER_DEFAULT = -1;

    /** With this many copies one can fail while two still confirm every write. */
    private static final short COPIES_FOR_TWO_IN_SYNC = 3;

    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private TopicAdmin() {}

    /**
     * What {@link #ensure} found.
     *
     * @param created names of topics that were missing
     * @param differences one sentence for each setting that is not as it must be, and its remedy
     */
    public record Report(List<String> created, List<String> differences) {
        public Report {
            created = List.copyOf(created);
            differences = List.copyOf(differences);
        }

        public boolean asExpected() {
            return differences.isEmpty();
        }
    }

    /**
     * Creates the topics that are missing and compares the others with what is expected. Compared
     * is what correctness needs: partitions, cleanup policy, timestamps, message size, and that no record outlives the
     * offsets of those who have read it; else how long records are kept is the cluster owner's affair. Nothing that exists is changed. On return all topics can be used.
     *
     * @param replication copies of each new partition, or {@link #BROKER_DEFAULT}
     * @throws FaultException when the cluster refuses or does not answer in time
     */
    public static Report ensure(Admin admin, Topics topics, short replication) {
        List<TopicSpec> specs = topics.specs();
        Set<String> existing = describe(admin, specs).keySet();
        List<String> created = new ArrayList<>();
        for (TopicSpec spec : specs) {
            if (!existing.contains(spec.name()) && create(admin, spec, replication)) {
                created.add(spec.name());
            }
        }
        Map<String, TopicDescription> found = awaitAll(admin, specs);
        List<TopicSpec> older =
                specs.stream().filter(spec -> !created.contains(spec.name())).toList();
        return new Report(created, differences(admin, older, found));
    }

    /**
     * Compares topics as {@link #ensure} does, and creates none: a worker does not know how many copies they shall have.
     *
     * @return one sentence for each setting that is not as it must be
     * @throws FaultException naming the topics that are missing and the command that creates them; when the cluster
     *     refuses or does not answer in time
     */
    public static List<String> check(Admin admin, List<TopicSpec> specs) {
        Map<String, TopicDescription> found = describe(admin, specs);
        List<String> missing = specs.stream()
                .map(TopicSpec::name)
                .filter(name -> !found.containsKey(name))
                .toList();
        if (!missing.isEmpty()) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE,
                    "topics are missing: %s; create them with: finetide topics".formatted(String.join(", ", missing)));
        }
        return differences(admin, specs, found);
    }

    private static List<String> differences(Admin admin, List<TopicSpec> specs, Map<String, TopicDescription> found) {
        Map<String, Config> configs = configs(admin, specs);
        OffsetsRetention offsets = OffsetsRetention.of(admin);
        List<String> differences = new ArrayList<>();
        for (TopicSpec spec : specs) {
            Config config = Objects.requireNonNull(configs.get(spec.name()));
            differences.addAll(differences(spec, Objects.requireNonNull(found.get(spec.name())), config));
            offsets.difference(spec, config).ifPresent(differences::add);
        }
        return differences;
    }

    /**
     * Kafka's id of a topic: another one where the topic was deleted and made anew.
     *
     * @throws FaultException when there is no such topic, or the cluster does not answer in time
     */
    public static String id(Admin admin, String topic) {
        return Answers.of(
                        Objects.requireNonNull(admin.describeTopics(List.of(topic))
                                .topicNameValues()
                                .get(topic)),
                        "describe the topic " + topic)
                .topicId()
                .toString();
    }

    /** False when somebody else was faster. */
    private static boolean create(Admin admin, TopicSpec spec, short replication) {
        Map<String, String> configs = new HashMap<>(spec.configs());
        configs.putAll(spec.newerConfigs());
        try {
            return create(admin, spec, replication, configs);
        } catch (FaultException e) {
            if (!(e.getCause() instanceof InvalidConfigurationException)) {
                throw e;
            }
            return create(admin, spec, replication, new HashMap<>(spec.configs()));
        }
    }

    private static boolean create(Admin admin, TopicSpec spec, short replication, Map<String, String> configs) {
        if (replication >= COPIES_FOR_TWO_IN_SYNC) {
            configs.put(MIN_IN_SYNC_REPLICAS_CONFIG, "2");
        }
        Optional<Short> copies = replication == BROKER_DEFAULT ? Optional.empty() : Optional.of(replication);
        NewTopic topic = new NewTopic(spec.name(), Optional.of(spec.partitions()), copies).configs(configs);
        try {
            Answers.of(admin.createTopics(List.of(topic)).all(), "create the topic " + spec.name());
            return true;
        } catch (FaultException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw e;
        }
    }

    /** Brokers learn of a new topic a moment after it was made; until then they deny it. */
    private static Map<String, TopicDescription> awaitAll(Admin admin, List<TopicSpec> specs) {
        long deadline = System.nanoTime() + Answers.LIMIT.toNanos();
        Map<String, TopicDescription> found = describe(admin, specs);
        while (found.size() < specs.size()) {
            if (System.nanoTime() > deadline) {
                throw new FaultException(
                        ErrorKind.UNAVAILABLE,
                        "new topics did not appear within %d s".formatted(Answers.LIMIT.toSeconds()));
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            found = describe(admin, specs);
        }
        return found;
    }

    private static Map<String, TopicDescription> describe(Admin admin, List<TopicSpec> specs) {
        Map<String, TopicDescription> found = new HashMap<>();
        List<String> names = specs.stream().map(TopicSpec::name).toList();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> answer :
                admin.describeTopics(names).topicNameValues().entrySet()) {
            present(answer.getValue()).ifPresent(description -> found.put(answer.getKey(), description));
        }
        return found;
    }

    private static Optional<TopicDescription> present(KafkaFuture<TopicDescription> answer) {
        try {
            return Optional.of(Answers.of(answer, "describe the topics"));
        } catch (FaultException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Map<String, Config> configs(Admin admin, List<TopicSpec> specs) {
        List<ConfigResource> resources = specs.stream()
                .map(spec -> new ConfigResource(ConfigResource.Type.TOPIC, spec.name()))
                .toList();
        Map<String, Config> configs = new HashMap<>();
        admin.describeConfigs(resources)
                .values()
                .forEach((resource, answer) -> configs.put(
                        resource.name(), Answers.of(answer, "DESCRIBE_CONFIGS the topic " + resource.name())));
        return configs;
    }

    private static List<String> differences(TopicSpec spec, TopicDescription found, Config config) {
        List<String> differences = new ArrayList<>();
        int partitions = found.partitions().size();
        boolean ordered = spec.partitions() == 1;
        if (ordered ? partitions != 1 : partitions < spec.partitions()) {
            differences.add("%s: has %d partitions, needs %s%d"
                    .formatted(spec.name(), partitions, ordered ? "exactly " : "at least ", spec.partitions()));
        }
        exact(spec, config, CLEANUP_POLICY_CONFIG).ifPresent(differences::add);
        exact(spec, config, MESSAGE_TIMESTAMP_TYPE_CONFIG).ifPresent(differences::add);
        atLeast(spec, config, MAX_MESSAGE_BYTES_CONFIG).ifPresent(differences::add);
        return differences;
    }

    private static Optional<String> exact(TopicSpec spec, Config config, String name) {
        String expected = spec.configs().get(name);
        String found = config.get(name).value();
        return expected == null || expected.equals(found)
                ? Optional.empty()
                : Optional.of("%s: %s is %s, needs %s".formatted(spec.name(), name, found, expected));
    }

    private static Optional<String> atLeast(TopicSpec spec, Config config, String name) {
        String expected = spec.configs().get(name);
        String found = config.get(name).value();
        return expected == null || Long.parseLong(found) >= Long.parseLong(expected)
                ? Optional.empty()
                : Optional.of("%s: %s is %s, needs at least %s".formatted(spec.name(), name, found, expected));
    }
}
