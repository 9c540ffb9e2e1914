package io.github.finetide.deploy.rights;

import static org.apache.kafka.common.acl.AclOperation.ALTER_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;

import io.github.finetide.kafka.TopicSpec;
import io.github.finetide.kafka.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Who connects to Kafka, and the fewest rights with which that one can work. */
public enum Role {
    INFERENCE,
    TRAINER,
    /** {@code finetide topics}: creates topics, checks them, and configures the trainers' group. */
    TOPICS,
    TRAIN,
    CLASSIFY,
    WATCH,
    RELEASE,
    REPLAY;

    /** As {@code --principal} takes it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The fewest rights with which the role works on these topics. */
    public List<Right> rights(Topics topics) {
        return switch (this) {
            case INFERENCE -> inference(topics);
            case TRAINER -> trainer(topics);
            case TOPICS -> topics(topics);
            case TRAIN ->
                List.of(
                        Right.topic(topics.trainingJobs(), WRITE),
                        Right.topic(topics.trainingStatus(), READ),
                        Right.topic(topics.trainingMetrics(), READ),
                        Right.topic(topics.trainingCheckpoints(), READ),
                        Right.topic(topics.modelReleases(), READ));
            case CLASSIFY ->
                List.of(
                        Right.topic(topics.classificationRequests(), WRITE),
                        Right.topic(topics.classificationResults(), READ));
            case WATCH ->
                List.of(Right.topic(topics.trainingStatus(), READ), Right.topic(topics.trainingMetrics(), READ));
            case RELEASE -> List.of(Right.topic(topics.modelReleases(), WRITE));
            case REPLAY -> replay(topics);
        };
    }

    private static List<Right> inference(Topics topics) {
        return List.of(
                Right.topic(topics.modelReleases(), READ, DESCRIBE_CONFIGS),
                Right.topic(topics.classificationRequests(), READ, DESCRIBE_CONFIGS),
                Right.topic(topics.classificationResults(), WRITE, DESCRIBE_CONFIGS),
                Right.topic(topics.classificationDisagreements(), WRITE),
                Right.topic(Topics.deadLetters(topics.classificationRequests()), WRITE, DESCRIBE_CONFIGS),
                Right.group(topics.inferenceGroup(), READ),
                Right.transactionalIds(topics.inferenceTransactions("")));
    }

    private static List<Right> trainer(Topics topics) {
        return List.of(
                Right.topic(topics.trainingJobs(), READ, DESCRIBE_CONFIGS),
                Right.topic(topics.trainingCommands(), READ, DESCRIBE_CONFIGS),
                Right.topic(topics.trainingStatus(), READ, WRITE, DESCRIBE_CONFIGS),
                Right.topic(topics.trainingMetrics(), WRITE, DESCRIBE_CONFIGS),
                Right.topic(topics.trainingCheckpoints(), WRITE, DESCRIBE_CONFIGS),
                Right.topic(topics.trainingFindings(), WRITE, DESCRIBE_CONFIGS),
                Right.topic(topics.modelReleases(), READ, WRITE, DESCRIBE_CONFIGS),
                Right.topic(topics.featureRequests(), READ, WRITE, DESCRIBE_CONFIGS),
                Right.topic(topics.featureResults(), READ, WRITE, DESCRIBE_CONFIGS),
                Right.topic(Topics.deadLetters(topics.trainingJobs()), READ, WRITE, DESCRIBE_CONFIGS),
                Right.topic(Topics.deadLetters(topics.trainingCommands()), READ, WRITE, DESCRIBE_CONFIGS),
                Right.group(topics.trainerGroup(), READ, ALTER_CONFIGS),
                Right.group(topics.featureGroup(), READ),
                Right.transactionalIds(topics.trainerTransactions()));
    }

    private static List<Right> topics(Topics topics) {
        List<Right> rights = new ArrayList<>();
        for (TopicSpec spec : topics.specs()) {
            rights.add(Right.topic(spec.name(), CREATE, DESCRIBE, DESCRIBE_CONFIGS));
        }
        rights.add(Right.group(topics.trainerGroup(), ALTER_CONFIGS));
        return List.copyOf(rights);
    }

    private static List<Right> replay(Topics topics) {
        List<Right> rights = new ArrayList<>();
        for (String input : List.of(
                topics.trainingJobs(),
                topics.trainingCommands(),
                topics.modelReleases(),
                topics.classificationRequests())) {
            rights.add(Right.topic(Topics.deadLetters(input), READ));
            rights.add(Right.topic(input, WRITE));
        }
        rights.add(Right.groups(topics.replayGroups(), READ));
        rights.add(Right.transactionalIds(topics.replayTransactions()));
        return List.copyOf(rights);
    }
}
