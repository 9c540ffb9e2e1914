package io.github.finetide.inference.requests;

import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * What this worker owned when the consumer was last polled, with the group metadata of that moment.
 * Both are taken by the polling thread: a worker that slept through the loss of its partitions
 * still holds the old metadata, and the broker refuses its offsets.
 *
 * @param group as of the last poll
 * @param ledgers of the partitions owned
 */
public record AssignedPartitions(@Nullable ConsumerGroupMetadata group, Map<TopicPartition, PartitionLedger> ledgers) {
    public static final AssignedPartitions NONE = new AssignedPartitions(null, Map.of());

    public AssignedPartitions {
        ledgers = Map.copyOf(ledgers);
    }

    boolean contains(RequestPlace place) {
        return ledgers.get(place.partition()) == place.ledger();
    }

    Map<TopicPartition, PartitionLedger> where(Predicate<PartitionLedger> condition) {
        return ledgers.entrySet().stream()
                .filter(entry -> condition.test(entry.getValue()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    ConsumerGroupMetadata requireGroup() {
        return Objects.requireNonNull(group, "a worker without group owns nothing");
    }
}
