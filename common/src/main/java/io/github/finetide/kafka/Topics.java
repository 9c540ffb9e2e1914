package io.github.finetide.kafka;

import io.github.finetide.message.FaultException;
import java.util.List;
import java.util.regex.Pattern;

/** The names of the topics, groups and transactional ids of one deployment. */
public final class Topics {
    /** Enough for as many inference workers; more partitions cost end-to-end latency and files. */
    public static final int REQUEST_PARTITIONS = 12;

    /** The longest name behind a prefix, {@code classification.disagreements}; Kafka allows 249. */
    static final int MAX_PREFIX_CHARACTERS = 200;

    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9._-]*");

    private final String prefix;

    /**
     * @param prefix put before every name, so that several deployments can share a cluster; may be
     *     empty
     * @throws FaultException when Kafka would refuse such names
     */
    public Topics(String prefix) {
        if (!ALLOWED.matcher(prefix).matches() || prefix.length() > MAX_PREFIX_CHARACTERS) {
            throw FaultException.invalid(
                    "topic prefix", prefix, "up to %d letters, digits, '.', '_', '-'".formatted(MAX_PREFIX_CHARACTERS));
        }
        this.prefix = prefix;
    }

    public String trainingJobs() {
        return prefix + "training.jobs";
    }

    public String trainingCommands() {
        return prefix + "training.commands";
    }

    public String trainingStatus() {
        return prefix + "training.status";
    }

    public String trainingMetrics() {
        return prefix + "training.metrics";
    }

    public String trainingCheckpoints() {
        return prefix + "training.checkpoints";
    }

    public String trainingFindings() {
        return prefix + "training.findings";
    }

    public String modelReleases() {
        return prefix + "model.releases";
    }

    public String classificationRequests() {
        return prefix + "classification.requests";
    }

    public String classificationDisagreements() {
        return prefix + "classification.disagreements";
    }

    public String classificationResults() {
        return prefix + "classification.results";
    }

    /** Parts of jobs' features that any trainer may compute. */
    public String featureRequests() {
        return prefix + "features.requests";
    }

    public String featureResults() {
        return prefix + "features.results";
    }

    /** The dead-letter topic of an input topic, given by its full name (prefix included). */
    public static String deadLetters(String topic) {
        return topic + ".dlq";
    }

    /** The share group that hands out training jobs. Prefixed: a group belongs to one deployment. */
    public String trainerGroup() {
        return prefix + "trainer-workers";
    }

    /** The share group that hands out parts of features. */
    public String featureGroup() {
        return prefix + "feature-workers";
    }

    /** The consumer group that shares out classification requests. */
    public String inferenceGroup() {
        return prefix + "inference-workers";
    }

    /** The transactional id of one inference worker: started again under its name, it ends what it left open. */
    public String inferenceTransactions(String workerId) {
        return prefix + "inference-" + workerId;
    }

    /** Its offsets say how far the dead letters of an error kind were replayed. */
    String replayGroup(String kind) {
        return replayGroups() + kind;
    }

    /** How the groups of all replays begin. */
    public String replayGroups() {
        return prefix + "replay-";
    }

    /** How the transactional ids of all replays begin. */
    public String replayTransactions() {
        return prefix + "replay-";
    }

    /** How all transactional ids of trainers begin: those of jobs' owners and those of refusals. */
    public String trainerTransactions() {
        return prefix + "training";
    }

    /** A transactional id of a trainer's own, under which it finds out at its start whether it may use any. */
    public String trainerProbe(String workerId) {
        return prefix + "training.probe-" + workerId;
    }

    /** The transactional id that only one owner of a job can hold: it fences the others off. */
    public String transactionalId(String jobId) {
        return prefix + "training-" + jobId;
    }

    /** The transactional id under which trainers answer a topic's malformed records: each is answered once. */
    public static String refusals(String topic) {
        return topic + "-refusals";
    }

    /** All topics, in the order in which they are created and listed. */
    public List<TopicSpec> specs() {
        return TopicSpecs.of(this);
    }

    /** Those that a trainer reads or writes. */
    public List<TopicSpec> trainerSpecs() {
        List<String> names = List.of(
                trainingJobs(),
                trainingCommands(),
                trainingStatus(),
                trainingMetrics(),
                trainingCheckpoints(),
                trainingFindings(),
                modelReleases(),
                featureRequests(),
                featureResults(),
                deadLetters(trainingJobs()),
                deadLetters(trainingCommands()));
        return specs().stream().filter(spec -> names.contains(spec.name())).toList();
    }
}
