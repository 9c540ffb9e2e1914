package io.github.finetide.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TopicAdminIT {
    private static final short ONE_COPY = 1;

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    private final Admin admin = kafka.settings().admin("test");

    @AfterEach
    void close() {
        admin.close();
    }

    @Test
    void missingTopicsAreCreatedAsSpecifiedAndThenFoundAsExpected() throws Exception {
        Topics topics = new Topics(kafka.topicPrefix() + "new.");

        TopicAdmin.Report first = TopicAdmin.ensure(admin, topics, TopicAdmin.BROKER_DEFAULT);
        TopicAdmin.Report second = TopicAdmin.ensure(admin, topics, TopicAdmin.BROKER_DEFAULT);

        List<String> names = topics.specs().stream().map(TopicSpec::name).toList();
        assertThat(first.created()).isEqualTo(names);
        assertThat(first.differences()).isEmpty();
        assertThat(second.created()).isEmpty();
        assertThat(second.asExpected()).isTrue();
        Map<String, TopicDescription> found =
                admin.describeTopics(names).allTopicNames().get();
        assertThat(topics.specs()).allSatisfy(spec -> {
            assertThat(found)
                    .extractingByKey(spec.name())
                    .satisfies(topic -> assertThat(topic.partitions()).hasSize(spec.partitions()));
            assertThat(configs(ConfigResource.Type.TOPIC, spec.name()))
                    .containsAllEntriesOf(spec.configs())
                    .containsAllEntriesOf(spec.newerConfigs());
        });
    }

    @Test
    void whatDiffersIsNamedWithWhatIsNeeded() throws Exception {
        Topics topics = new Topics(kafka.topicPrefix() + "foreign.");
        create(topics.trainingJobs(), 3, Map.of("message.timestamp.type", "CreateTime", "cleanup.policy", "compact"));
        create(topics.classificationRequests(), 2, Map.of());
        create(topics.classificationResults(), 24, Map.of());
        create(topics.trainingMetrics(), 1, Map.of("max.message.bytes", "1000"));

        TopicAdmin.Report report = TopicAdmin.ensure(admin, topics, ONE_COPY);

        assertThat(report.created()).hasSize(topics.specs().size() - 4);
        assertThat(report.differences())
                .containsExactly(
                        topics.trainingJobs() + ": has 3 partitions, needs exactly 1",
                        topics.trainingJobs() + ": cleanup.policy is compact, needs delete",
                        topics.trainingJobs() + ": message.timestamp.type is CreateTime, needs LogAppendTime",
                        topics.trainingMetrics() + ": max.message.bytes is 1000, needs at least 16777216",
                        topics.classificationRequests() + ": has 2 partitions, needs at least 12",
                        topics.classificationRequests() + ": retention.ms 604800000 and segment.ms 604800000"
                                + " together need at most 604800000, the brokers' offsets.retention.minutes");
    }

    @Test
    void topicThatAWorkerNeedsIsSeenToBeMissingAndToBeThere() {
        Topics topics = new Topics(kafka.topicPrefix() + "later.");
        ClusterWatch watch = watch(kafka.topicPrefix() + "later.", topics.modelReleases());

        watch.look();
        assertThat(watch.lastSeen())
                .isEqualTo("the topic " + topics.modelReleases()
                        + " does not exist; \"finetide topics\" creates what is missing");

        TopicAdmin.ensure(admin, topics, ONE_COPY);
        watch.look();
        assertThat(watch.lastSeen()).isNull();
    }

    @Test
    void requestsInACompactedTopicAreNotWorkedWith() throws Exception {
        Topics topics = kafka.topics();
        ClusterWatch watch = watch(kafka.topicPrefix(), topics.classificationRequests());
        watch.look();
        assertThat(watch.lastSeen()).isNull();

        cleanup(topics.classificationRequests(), "compact");
        await().untilAsserted(() -> {
            watch.look();
            assertThat(watch.lastSeen())
                    .isEqualTo("the topic " + topics.classificationRequests() + " has cleanup.policy compact and"
                            + " needs delete; change it with kafka-configs, or make it anew");
        });
        cleanup(topics.classificationRequests(), "delete");
    }

    private void cleanup(String topic, String policy) throws Exception {
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET);
        admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(set)))
                .all()
                .get();
    }

    private ClusterWatch watch(String prefix, String topic) {
        KafkaSettings settings = new KafkaSettings(kafka.bootstrapServers(), prefix, Map.of());
        return new ClusterWatch(
                settings, admin, List.of(ClusterWatch.Need.toRead(topic)), () -> null, Duration.ofSeconds(10));
    }

    /** In containers on the host's network all workers have one host name, and process id 1. */
    @Test
    void twoMembersOfOneIdAreFoundByTheGroup() {
        AtomicLong seconds = new AtomicLong();
        Twins twins = new Twins(
                admin, kafka.topics().inferenceGroup(), "host-1-requests", () -> Instant.ofEpochSecond(seconds.get()));
        assertThat(twins.problem()).as("no group yet").isNull();
        try (Consumer<byte[], byte[]> first = member();
                Consumer<byte[], byte[]> second = member()) {
            await().until(() -> {
                first.poll(Duration.ofMillis(50));
                second.poll(Duration.ofMillis(50));
                return !first.assignment().isEmpty() && !second.assignment().isEmpty();
            });
            assertThat(twins.problem())
                    .as("one may be what a killed worker left")
                    .isNull();
            seconds.set(Twins.LIMIT.toSeconds());

            assertThat(twins.problem())
                    .startsWith("2 workers of this id are in the group "
                            + kafka.topics().inferenceGroup())
                    .endsWith("give each a --worker-id of its own");
        }
    }

    private static Consumer<byte[], byte[]> member() {
        Consumer<byte[], byte[]> member =
                kafka.settings().consumer("host-1-requests", kafka.topics().inferenceGroup(), 1);
        member.subscribe(List.of(kafka.topics().classificationRequests()));
        return member;
    }

    @Test
    void moreCopiesThanBrokersIsOneClearError() {
        Topics topics = new Topics(kafka.topicPrefix() + "copies.");

        assertThatThrownBy(() -> TopicAdmin.ensure(admin, topics, (short) 3))
                .isInstanceOf(FaultException.class)
                .hasMessageStartingWith("Kafka did not create the topic " + topics.trainingJobs() + ": ")
                .hasMessageContaining("replication");
    }

    @Test
    void theTrainersGroupStartsAtTheFirstJobAndLocksItForTheTimeAsked() {
        GroupAdmin.configureTrainerGroup(admin, kafka.topics(), Duration.ofSeconds(20));
        GroupAdmin.configureTrainerGroup(admin, kafka.topics(), Duration.ofSeconds(20));

        await().untilAsserted(() -> assertThat(
                        configs(ConfigResource.Type.GROUP, kafka.topics().trainerGroup()))
                .containsEntry("share.auto.offset.reset", "earliest")
                .containsEntry("share.isolation.level", "read_committed")
                .containsEntry("share.record.lock.duration.ms", "20000")
                .containsEntry("share.delivery.count.limit", "10"));
    }

    @Test
    void aLockThatTheBrokersDoNotAllowIsOneClearError() {
        assertThatThrownBy(() -> GroupAdmin.configureTrainerGroup(admin, kafka.topics(), Duration.ofMillis(10)))
                .isInstanceOf(FaultException.class)
                .hasMessageStartingWith("Kafka did not configure the share group "
                        + kafka.topics().trainerGroup());
    }

    @Test
    void aTypoInATopicsNameMakesNoTopic() {
        try (var reader = kafka.settings().reader("test")) {
            assertThatThrownBy(() -> Partitions.of(reader, List.of(kafka.topicPrefix() + "training.jbos")))
                    .isInstanceOf(FaultException.class)
                    .hasMessageContaining("training.jbos does not exist");
        }
    }

    private void create(String name, int partitions, Map<String, String> configs) throws Exception {
        NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.of(ONE_COPY)).configs(configs);
        admin.createTopics(List.of(topic)).all().get();
    }

    private Map<String, String> configs(ConfigResource.Type type, String name) {
        ConfigResource resource = new ConfigResource(type, name);
        Collection<ConfigEntry> entries = Answers.of(
                        admin.describeConfigs(List.of(resource)).all(), "describe")
                .values()
                .iterator()
                .next()
                .entries();
        return entries.stream()
                .filter(entry -> entry.value() != null)
                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value));
    }
}
