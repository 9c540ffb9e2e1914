package io.github.finetide.inference.requests;

import io.github.finetide.kafka.Closing;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Asks by a client of its own: a consumer answers only for all partitions together, and neither {@code committed} nor
 * {@code poll} returns before the last of them is free of transactions.
 */
public final class AdminGroupOffsets implements GroupOffsets, AutoCloseable {
    /** The client itself looks for a broker that is away; a try that takes longer is better begun anew. */
    static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

    private final Closing<Admin> admin;
    private final String group;

    public AdminGroupOffsets(Admin admin, String group) {
        this.admin = Closing.of(admin);
        this.group = group;
    }

    @Override
    public CompletionStage<Map<TopicPartition, Optional<CommittedOffsets>>> read(Set<TopicPartition> partitions) {
        ListConsumerGroupOffsetsSpec spec = new ListConsumerGroupOffsetsSpec().topicPartitions(partitions);
        ListConsumerGroupOffsetsOptions options =
                new ListConsumerGroupOffsetsOptions().requireStable(true).timeoutMs((int) ANSWER_LIMIT.toMillis());
        return admin.client()
                .listConsumerGroupOffsets(Map.of(group, spec), options)
                .partitionsToOffsetAndMetadata(group)
                .toCompletionStage()
                .thenApply(AdminGroupOffsets::progress);
    }

    /** Asks for a topic's id, and so whether it exists and may be seen. */
    public CompletionStage<String> topicId(String topic) {
        DescribeTopicsOptions options = new DescribeTopicsOptions().timeoutMs((int) ANSWER_LIMIT.toMillis());
        return admin.client()
                .describeTopics(List.of(topic), options)
                .allTopicNames()
                .toCompletionStage()
                .thenApply(found ->
                        Objects.requireNonNull(found.get(topic)).topicId().toString());
    }

    /** Kafka says "nothing committed" by a null, and "not stable" by no entry. */
    private static Map<TopicPartition, Optional<CommittedOffsets>> progress(
            Map<TopicPartition, OffsetAndMetadata> offsets) {
        Map<TopicPartition, Optional<CommittedOffsets>> known = new HashMap<>();
        offsets.forEach((partition, offset) ->
                known.put(partition, Optional.ofNullable(offset).map(CommittedOffsets::of)));
        return known;
    }

    @Override
    public void close() {
        admin.close();
    }
}
