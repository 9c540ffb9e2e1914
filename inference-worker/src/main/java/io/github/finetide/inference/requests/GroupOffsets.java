package io.github.finetide.inference.requests;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.TopicPartition;

/** Reads how far the group has got. */
interface GroupOffsets {
    /**
     * Asks without waiting.
     *
     * @return by partition what is committed, empty if nothing ever was; a partition about which a transaction is open
     *     is left out
     */
    CompletionStage<Map<TopicPartition, Optional<CommittedOffsets>>> read(Set<TopicPartition> partitions);
}
