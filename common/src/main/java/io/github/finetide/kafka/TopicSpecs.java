package io.github.finetide.kafka;

import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_COMPACT;
import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.CLEANUP_POLICY_DELETE;
import static org.apache.kafka.common.config.TopicConfig.MAX_COMPACTION_LAG_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MAX_DECOMPRESSED_MESSAGE_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MAX_MESSAGE_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.MIN_COMPACTION_LAG_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.RETENTION_MS_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.SEGMENT_BYTES_CONFIG;
import static org.apache.kafka.common.config.TopicConfig.SEGMENT_MS_CONFIG;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How each topic must be configured, with the reasons.
 *
 * <p>See RATIONALE.md, Why is the topic of jobs one partition, and kept forever?
 */
final class TopicSpecs {
    /** A confusion matrix of 1,000 classes is about 2 MB of JSON. */
    static final int MAX_EVENT_BYTES = 16 * 1024 * 1024;
    /** A request of the usual limit (1 MiB) plus the headers that a dead letter gains. */
    static final int MAX_DEAD_LETTER_BYTES = 2 * 1024 * 1024;
    /** A reader that is this late still sees every state a job went through, not the last alone. */
    static final Duration UNCOMPACTED = Duration.ofHours(1);
    /** Older than this, only the newest value of a key is left. */
    static final Duration COMPACTED_AFTER = Duration.ofDays(1);
    /** Only closed segments are compacted; these topics are too quiet to fill the usual 1 GiB. */
    static final Duration SEGMENT = Duration.ofHours(6);

    static final int SEGMENT_BYTES = 64 * 1024 * 1024;
    /** A curve can be drawn for a quarter of a year after the training. */
    static final Duration EVENTS_KEPT = Duration.ofDays(90);
    /** A compressed request of 1 MiB can hold a gigabyte, which no reader has the memory for. */
    static final int MAX_INPUT_BYTES = MAX_DEAD_LETTER_BYTES;
    /**
     * With a {@link #SEGMENT} less than the cluster remembers how far an idle group has read
     * (offsets.retention.minutes, 7 days): a record that outlives that is answered, or replayed, once more.
     */
    static final Duration READ_ONCE_KEPT = Duration.ofDays(6);

    /** Parts of features are asked for and answered in minutes; a day is for whoever looks for a fault. */
    static final Duration HELP_KEPT = Duration.ofDays(1);

    static final Duration RESULTS_KEPT = Duration.ofDays(7);
    /** Waiting jobs must not vanish however long the queue is; they are about 1 KB each. */
    static final String FOREVER = "-1";

    private static final Map<String, String> LIMITS =
            Map.of(MAX_DECOMPRESSED_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_INPUT_BYTES));

    private TopicSpecs() {}

    static List<TopicSpec> of(Topics topics) {
        return List.of(
                new TopicSpec(topics.trainingJobs(), 1, input(FOREVER), LIMITS),
                new TopicSpec(topics.trainingCommands(), 1, input(FOREVER), LIMITS),
                new TopicSpec(topics.trainingStatus(), 1, compacted()),
                new TopicSpec(topics.trainingMetrics(), 1, kept(EVENTS_KEPT, MAX_EVENT_BYTES)),
                new TopicSpec(topics.trainingCheckpoints(), 1, kept(EVENTS_KEPT, MAX_EVENT_BYTES)),
                new TopicSpec(topics.trainingFindings(), 1, kept(EVENTS_KEPT)),
                new TopicSpec(topics.modelReleases(), 1, compacted(), LIMITS),
                new TopicSpec(topics.classificationRequests(), Topics.REQUEST_PARTITIONS, readOnce(), LIMITS),
                new TopicSpec(topics.classificationResults(), Topics.REQUEST_PARTITIONS, kept(RESULTS_KEPT)),
                new TopicSpec(topics.featureRequests(), 1, kept(HELP_KEPT), LIMITS),
                new TopicSpec(topics.featureResults(), 1, kept(HELP_KEPT), LIMITS),
                new TopicSpec(topics.classificationDisagreements(), 1, kept(RESULTS_KEPT)),
                deadLetters(topics.trainingJobs()),
                deadLetters(topics.trainingCommands()),
                deadLetters(topics.modelReleases()),
                deadLetters(topics.classificationRequests()));
    }

    private static TopicSpec deadLetters(String topic) {
        Map<String, String> configs = new HashMap<>(readOnce());
        configs.put(MAX_MESSAGE_BYTES_CONFIG, Integer.toString(MAX_DEAD_LETTER_BYTES));
        return new TopicSpec(Topics.deadLetters(topic), 1, configs);
    }

    /** Only closed segments are deleted: a record is kept for up to both times together. */
    private static Map<String, String> readOnce() {
        Map<String, String> configs = new HashMap<>(kept(READ_ONCE_KEPT));
        configs.put(SEGMENT_MS_CONFIG, millis(SEGMENT));
        return configs;
    }

    /** LogAppendTime: the broker's clock decides which of a job and a command came first. */
    private static Map<String, String> input(String retentionMillis) {
        return Map.of(
                CLEANUP_POLICY_CONFIG, CLEANUP_POLICY_DELETE,
                RETENTION_MS_CONFIG, retentionMillis,
                MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");
    }

    private static Map<String, String> compacted() {
        return Map.of(
                CLEANUP_POLICY_CONFIG, CLEANUP_POLICY_COMPACT,
                MIN_COMPACTION_LAG_MS_CONFIG, millis(UNCOMPACTED),
                MAX_COMPACTION_LAG_MS_CONFIG, millis(COMPACTED_AFTER),
                SEGMENT_MS_CONFIG, millis(SEGMENT),
                SEGMENT_BYTES_CONFIG, Integer.toString(SEGMENT_BYTES));
    }

    private static Map<String, String> kept(Duration time) {
        return Map.of(CLEANUP_POLICY_CONFIG, CLEANUP_POLICY_DELETE, RETENTION_MS_CONFIG, millis(time));
    }

    private static Map<String, String> kept(Duration time, int maxMessageBytes) {
        Map<String, String> configs = new HashMap<>(kept(time));
        configs.put(MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
        return configs;
    }

    private static String millis(Duration duration) {
        return Long.toString(duration.toMillis());
    }
}
