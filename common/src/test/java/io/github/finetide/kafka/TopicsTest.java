package io.github.finetide.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicsTest {
    private static final Map<String, TopicSpec> SPECS =
            new Topics("").specs().stream().collect(Collectors.toMap(TopicSpec::name, Function.identity()));

    @Test
    void namesAreThoseOfTheDocumentation() {
        assertThat(SPECS)
                .containsOnlyKeys(
                        "training.jobs",
                        "training.commands",
                        "training.status",
                        "training.metrics",
                        "training.checkpoints",
                        "training.findings",
                        "model.releases",
                        "classification.requests",
                        "classification.results",
                        "features.requests",
                        "features.results",
                        "classification.disagreements",
                        "training.jobs.dlq",
                        "training.commands.dlq",
                        "model.releases.dlq",
                        "classification.requests.dlq");
    }

    @Test
    void aPrefixIsPutBeforeTopicsGroupsAndTransactionalIds() {
        Topics topics = new Topics("blue.");

        assertThat(topics.specs()).allSatisfy(spec -> assertThat(spec.name()).startsWith("blue."));
        assertThat(topics.trainerGroup()).isEqualTo("blue.trainer-workers");
        assertThat(topics.featureGroup()).isEqualTo("blue.feature-workers");
        assertThat(topics.inferenceGroup()).isEqualTo("blue.inference-workers");
        assertThat(topics.transactionalId("job-1")).isEqualTo("blue.training-job-1");
        assertThat(topics.inferenceTransactions("worker-1")).isEqualTo("blue.inference-worker-1");
        assertThat(topics.replayGroup("invalid")).isEqualTo("blue.replay-invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/b", "ä", "a b", " "})
    void aPrefixThatKafkaWouldRefuseIsRefused(String prefix) {
        assertThatThrownBy(() -> new Topics(prefix))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("topic prefix")
                .hasMessageContaining(prefix);
    }

    @Test
    void theLongestPrefixLeavesRoomForEveryName() {
        int kafkasLimit = 249;

        assertThat(new Topics("p".repeat(Topics.MAX_PREFIX_CHARACTERS)).specs())
                .allSatisfy(spec -> assertThat(spec.name()).hasSizeLessThanOrEqualTo(kafkasLimit));
    }

    @Test
    void whatMustBeInOrderHasOnePartitionAndWhatIsSharedOutTwelve() {
        assertThat(SPECS.values())
                .allSatisfy(spec -> assertThat(spec.partitions())
                        .isEqualTo(spec.name().matches("classification\\.(requests|results)") ? 12 : 1));
    }

    @Test
    void statusAndReleasesKeepTheNewestOfEachKeyForever() {
        assertThat(SPECS.values())
                .allSatisfy(spec -> assertThat(spec.configs().get("cleanup.policy"))
                        .isEqualTo(spec.name().matches("training\\.status|model\\.releases") ? "compact" : "delete"));
    }

    @Test
    void theBrokersClockOrdersJobsAndCommandsAndTheyWaitForever() {
        for (String input : new String[] {"training.jobs", "training.commands"}) {
            assertThat(SPECS.get(input))
                    .isNotNull()
                    .extracting(TopicSpec::configs)
                    .satisfies(configs -> assertThat(configs)
                            .containsEntry("message.timestamp.type", "LogAppendTime")
                            .containsEntry("retention.ms", "-1"));
        }
    }

    /** Else a request that is kept for longer than its group's offset is answered once more. */
    @ParameterizedTest
    @ValueSource(strings = {"classification.requests", "classification.requests.dlq", "training.jobs.dlq"})
    void whatIsReadOnceIsGoneBeforeItIsForgottenWhoReadIt(String topic) {
        Map<String, String> configs = Objects.requireNonNull(SPECS.get(topic)).configs();
        Duration offsetsKept = Duration.ofDays(7); // offsets.retention.minutes by default

        long kept = Long.parseLong(configs.getOrDefault("retention.ms", "0"))
                + Long.parseLong(configs.getOrDefault("segment.ms", "0"));

        assertThat(Duration.ofMillis(kept)).isBetween(Duration.ofDays(6), offsetsKept.minusHours(12));
        Config found = new Config(
                List.of(new ConfigEntry("retention.ms", "604800000"), new ConfigEntry("segment.ms", "604800000")));
        OffsetsRetention offsets = new OffsetsRetention(Optional.of(offsetsKept));
        assertThat(offsets.difference(SPECS.get(topic), found))
                .hasValueSatisfying(difference -> assertThat(difference).contains("offsets.retention.minutes"));
    }

    @Test
    void inputsHaveALimitOfWhatTheyDecompressTo() {
        assertThat(SPECS.values())
                .allSatisfy(
                        spec -> assertThat(spec.newerConfigs().containsKey("max.decompressed.message.bytes"))
                                .isEqualTo(
                                        spec.name()
                                                .matches(
                                                        "training\\.(jobs|commands)|classification.requests|model.releases|features\\..*")));
    }
}
