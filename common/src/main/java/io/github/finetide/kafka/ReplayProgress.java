package io.github.finetide.kafka;

import io.github.finetide.message.FaultException;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/**
 * How far the letters of each kind were replayed by earlier runs: a group's offsets for each kind.
 *
 * <p>See RATIONALE.md, How does a replay know what was replayed?
 */
final class ReplayProgress {
    private final Admin admin;
    private final Topics topics;
    private final Map<String, Map<TopicPartition, OffsetAndMetadata>> offsets = new HashMap<>();

    ReplayProgress(Admin admin, Topics topics) {
        this.admin = admin;
        this.topics = topics;
    }

    boolean isBehind(String kind, ConsumerRecord<byte[], byte[]> letter) {
        OffsetAndMetadata next =
                offsets.computeIfAbsent(kind, this::read).get(new TopicPartition(letter.topic(), letter.partition()));
        return next != null && letter.offset() < next.offset();
    }

    private Map<TopicPartition, OffsetAndMetadata> read(String kind) {
        String group = topics.replayGroup(kind);
        try {
            return Answers.of(
                    admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
                    "say what was replayed before");
        } catch (FaultException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Map.of(); // never replayed
            }
            throw e;
        }
    }
}
