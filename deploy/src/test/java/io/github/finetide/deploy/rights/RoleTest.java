package io.github.finetide.deploy.rights;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.kafka.TopicSpec;
import io.github.finetide.kafka.Topics;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RoleTest {
    private static final Topics TOPICS = new Topics("blue.");

    @Test
    void inferenceReadsRequestsAndWritesResultsAndDisagreements() {
        assertThat(shown(Role.INFERENCE))
                .containsExactly(
                        "TOPIC blue.model.releases: READ DESCRIBE_CONFIGS",
                        "TOPIC blue.classification.requests: READ DESCRIBE_CONFIGS",
                        "TOPIC blue.classification.results: WRITE DESCRIBE_CONFIGS",
                        "TOPIC blue.classification.disagreements: WRITE",
                        "TOPIC blue.classification.requests.dlq: WRITE DESCRIBE_CONFIGS",
                        "GROUP blue.inference-workers: READ",
                        "TRANSACTIONAL_ID blue.inference-*: WRITE");
    }

    @Test
    void aTrainerHasNoRightOnClassificationTopics() {
        assertThat(shown(Role.TRAINER)).noneMatch(right -> right.contains("classification"));
    }

    @ParameterizedTest
    @EnumSource
    void everyRightIsBelowThePrefix(Role role) {
        assertThat(role.rights(TOPICS))
                .isNotEmpty()
                .allSatisfy(right -> assertThat(right.resource().name()).startsWith("blue."));
    }

    /** Nothing gives up a release today; the topic exists for its readers. */
    @Test
    void everyTopicThatSomethingIsWrittenToHasOneThatMay() {
        assertThat(topicsWith(AclOperation.WRITE))
                .containsAll(TOPICS.specs().stream()
                        .map(TopicSpec::name)
                        .filter(name -> !name.equals(Topics.deadLetters(TOPICS.modelReleases())))
                        .toList());
    }

    private static List<String> topicsWith(AclOperation operation) {
        return Arrays.stream(Role.values())
                .flatMap(role -> role.rights(TOPICS).stream())
                .filter(right -> right.resource().resourceType() == ResourceType.TOPIC)
                .filter(right -> right.operations().contains(operation))
                .map(right -> right.resource().name())
                .toList();
    }

    @Test
    void aScriptQuotesNamesForTheShell() {
        List<String> lines = Printout.ACLS.lines(new Listing(TOPICS, 0, Map.of(Role.WATCH, "CN=o'hara, C=IE")));

        assertThat(lines)
                .contains("kafka-acls --bootstrap-server \"$BOOTSTRAP\" --command-config \"$CONFIG\""
                        + " --add --allow-principal 'User:CN=o'\\''hara, C=IE' --operation Read"
                        + " --topic 'blue.training.status'");
        assertThat(lines)
                .anyMatch(
                        line -> line.endsWith("--transactional-id 'blue.inference-' --resource-pattern-type prefixed"));
    }

    @Test
    void topicsAreScriptedWithTheirSettings() {
        List<String> lines = Printout.SCRIPT.lines(new Listing(TOPICS, 3, Map.of()));

        assertThat(lines)
                .filteredOn(line -> line.startsWith("kafka-topics"))
                .hasSize(TOPICS.specs().size())
                .allMatch(line -> line.contains("--replication-factor 3") && line.contains("min.insync.replicas=2"));
        assertThat(lines).anyMatch(line -> line.contains("--entity-name 'blue.trainer-workers'"));
    }

    @Test
    void strimzisResourcesAreOneForEachTopicAndRole() {
        List<String> lines = Printout.STRIMZI.lines(new Listing(TOPICS, 3, Map.of()));

        assertThat(lines)
                .filteredOn("kind: KafkaTopic"::equals)
                .hasSize(TOPICS.specs().size());
        assertThat(lines).filteredOn("kind: KafkaUser"::equals).hasSize(Role.values().length);
        assertThat(lines).contains("          type: transactionalId", "        operations: [Read, AlterConfigs]");
    }

    private static List<String> shown(Role role) {
        return role.rights(TOPICS).stream()
                .map(right -> "%s %s%s: %s"
                        .formatted(
                                right.resource().resourceType(),
                                right.resource().name(),
                                right.resource().patternType().name().equals("PREFIXED") ? "*" : "",
                                right.sortedOperations().stream()
                                        .map(Enum::name)
                                        .collect(joining(" "))))
                .collect(Collectors.toList());
    }
}
