package io.github.finetide.kafka;

import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;

/** Settings of groups: what a share consumer cannot ask for itself. */
public final class GroupAdmin {
    /**
     * A trainer that hangs loses its job after this time; a working one renews every third of it.
     * The least that brokers allow by default, and long enough for a pause of the collector.
     */
    public static final Duration RECORD_LOCK = Duration.ofSeconds(15);
    /**
     * The most that brokers allow by default. A worker that stops or dies gives its job on, which
     * counts as a delivery; beyond the limit the broker would drop the job without a word. The
     * trainers give a job up long before, and say so.
     */
    public static final int DELIVERY_COUNT_LIMIT = 10;

    private GroupAdmin() {}

    /**
     * Sets how the trainers' share group behaves; repeating it changes nothing. Must be done before
     * the first trainer joins: jobs sent earlier would otherwise be skipped.
     *
     * @param recordLock how long an unrenewed job stays with its trainer
     * @throws FaultException when the cluster refuses or does not answer in time
     */
    public static void configureTrainerGroup(Admin admin, Topics topics, Duration recordLock) {
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, topics.trainerGroup());
        Set<String> known = known(admin, group);
        List<AlterConfigOp> settings = trainerGroupSettings(recordLock).entrySet().stream()
                .filter(setting -> known.contains(setting.getKey()))
                .map(setting -> set(setting.getKey(), setting.getValue()))
                .toList();
        Answers.of(
                admin.incrementalAlterConfigs(Map.of(group, settings)).all(),
                "configure the share group " + topics.trainerGroup() + " (ALTER_CONFIGS)");
    }

    /**
     * Where the trainers' queue begins: all jobs before this offset are settled for good. 0 where nobody took one yet.
     *
     * @throws FaultException when the cluster refuses or does not answer in time
     */
    public static long queueStart(Admin admin, Topics topics) {
        TopicPartition jobs = new TopicPartition(topics.trainingJobs(), 0);
        SharePartitionOffsetInfo info = Answers.of(
                        admin.listShareGroupOffsets(Map.of(topics.trainerGroup(), new ListShareGroupOffsetsSpec()))
                                .partitionsToOffsetInfo(topics.trainerGroup()),
                        "describe the share group " + topics.trainerGroup() + " (READ)")
                .get(jobs);
        return info == null ? 0 : Math.max(0, info.startOffset());
    }

    /** Brokers refuse all settings together where they do not know one: 4.2 has no delivery limit of a single group. */
    private static Set<String> known(Admin admin, ConfigResource group) {
        Config config = Answers.of(
                Objects.requireNonNull(
                        admin.describeConfigs(List.of(group)).values().get(group)),
                "describe the share group " + group.name() + " (ALTER_CONFIGS)");
        return config.entries().stream().map(ConfigEntry::name).collect(Collectors.toSet());
    }

    /** The settings of the trainers' share group, by Kafka's names, in the order in which they are listed. */
    public static Map<String, String> trainerGroupSettings(Duration recordLock) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("share.auto.offset.reset", "earliest");
        settings.put("share.isolation.level", "read_committed");
        settings.put("share.record.lock.duration.ms", Long.toString(recordLock.toMillis()));
        settings.put("share.delivery.count.limit", Integer.toString(DELIVERY_COUNT_LIMIT));
        return settings;
    }

    private static AlterConfigOp set(String name, String value) {
        return new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET);
    }
}
