package io.github.finetide.kafka;

import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the cluster every few seconds, with a client of its own: whether it answers, and whether a worker's topics
 * are there, led, kept as they must be, and open to it. What it saw last is there at once, for readiness.
 */
public final class ClusterWatch implements AutoCloseable {
    /** One request to one broker; a fault shows after this and {@link #ANSWER_LIMIT} at the latest. */
    private static final Duration PERIOD = Duration.ofSeconds(3);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(ClusterWatch.class);

    private final Admin admin;
    private final Duration answerLimit;
    private final String bootstrapServers;
    private final Map<String, Need> needs;
    private final Policies policies;
    private final Supplier<@Nullable String> further;
    private final Periodic looks = new Periodic("cluster-watch", PERIOD, this::look);
    private volatile @Nullable String problem = "Kafka has not answered yet";

    /**
     * What a worker needs of a topic.
     *
     * @param operations that its principal must be allowed
     * @param isOfOnePartition whether the order of all its records matters
     */
    public record Need(String topic, Set<AclOperation> operations, boolean isOfOnePartition) {
        public Need {
            operations = Set.copyOf(operations);
        }

        /** Of a topic that may have any number of partitions. */
        public Need(String topic, Set<AclOperation> operations) {
            this(topic, operations, false);
        }

        public static Need toRead(String topic) {
            return new Need(topic, Set.of(AclOperation.READ));
        }

        private String refused() {
            String wanted = operations.stream().map(Enum::name).sorted().collect(Collectors.joining(", "));
            return "no right to %s the topic %s; grant it to the worker's principal".formatted(wanted, topic);
        }

        /** The same of a topic in which the order of all records matters. */
        public Need ofOnePartition() {
            return new Need(topic, operations, true);
        }

        public static Need toWrite(String topic) {
            return new Need(topic, Set.of(AclOperation.WRITE));
        }
    }

    /** Looks at nothing but the topics. */
    public static ClusterWatch start(KafkaSettings kafka, Admin admin, List<Need> needs) {
        return start(kafka, admin, needs, () -> null);
    }

    /**
     * Begins to look. The client stays the caller's.
     *
     * @param further asked, too, where the topics are as they must be
     */
    public static ClusterWatch start(
            KafkaSettings kafka, Admin admin, List<Need> needs, Supplier<@Nullable String> further) {
        ClusterWatch watch = new ClusterWatch(kafka, admin, needs, further, ANSWER_LIMIT);
        watch.looks.start();
        return watch;
    }

    ClusterWatch(
            KafkaSettings kafka,
            Admin admin,
            List<Need> needs,
            Supplier<@Nullable String> further,
            Duration answerLimit) {
        this.further = further;
        this.answerLimit = answerLimit;
        this.bootstrapServers = kafka.bootstrapServers();
        this.admin = admin;
        this.needs = needs.stream().collect(Collectors.toMap(Need::topic, Function.identity()));
        policies = new Policies(admin, kafka.topics(), this.needs.keySet(), answerLimit);
    }

    /** What was wrong when it looked last, in one sentence; null where all was well. */
    public @Nullable String problem() {
        return looks.isAlive() ? problem : "the cluster is no longer watched";
    }

    @Nullable String lastSeen() {
        return problem;
    }

    /** Looks once. */
    void look() {
        String found;
        try {
            found = ask();
        } catch (RuntimeException | Error why) {
            found = text(why);
        }
        if (!looks.isClosed() && found != null && !found.equals(problem)) {
            log.atWarn().addKeyValue("reason", found).log("Kafka cannot be worked with now");
        }
        problem = found;
    }

    private String text(Throwable why) {
        return why.getCause() instanceof TimeoutException
                        || why.getCause() instanceof java.util.concurrent.TimeoutException
                ? "no Kafka broker answers at " + bootstrapServers
                : KafkaFaults.text(why);
    }

    private @Nullable String ask() {
        DescribeTopicsOptions options =
                new DescribeTopicsOptions().includeAuthorizedOperations(true).timeoutMs((int) answerLimit.toMillis());
        Map<String, KafkaFuture<TopicDescription>> answers =
                admin.describeTopics(needs.keySet(), options).topicNameValues();
        return needs.values().stream()
                .sorted(Comparator.comparing(Need::topic))
                .map(need -> problem(need, Objects.requireNonNull(answers.get(need.topic()))))
                .filter(found -> !found.isEmpty())
                .findFirst()
                .or(() -> Optional.ofNullable(policies.problem()))
                .orElseGet(further);
    }

    private String problem(Need need, KafkaFuture<TopicDescription> answer) {
        String topic = need.topic();
        TopicDescription found;
        try {
            found = Answers.of(answer, "describe the topic " + topic, answerLimit.multipliedBy(2));
        } catch (FaultException why) {
            if (why.getCause() instanceof UnknownTopicOrPartitionException) {
                return "the topic " + topic + " does not exist; \"finetide topics\" creates what is missing";
            } else if (why.getCause() instanceof TopicAuthorizationException) {
                return need.refused();
            }
            throw why;
        }
        Set<AclOperation> allowed = found.authorizedOperations();
        if (allowed != null && !allowed.containsAll(need.operations())) {
            return need.refused();
        }
        int partitions = found.partitions().size();
        if (need.isOfOnePartition() && partitions != 1) {
            return "the topic %s has %d partitions and needs exactly 1; make it anew".formatted(topic, partitions);
        }
        return found.partitions().stream().allMatch(partition -> partition.leader() != null)
                ? ""
                : "a partition of the topic " + topic + " has no leader";
    }

    @Override
    public void close() {
        looks.close();
    }
}
