package io.github.finetide.kafka;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** The partitions that topics have. */
final class Partitions {
    private Partitions() {}

    /**
     * All partitions of the topics.
     *
     * @throws FaultException {@link ErrorKind#NOT_FOUND} naming the first topic that does not exist
     */
    static List<TopicPartition> of(Consumer<byte[], byte[]> reader, Collection<String> topics) {
        return topics.stream().flatMap(topic -> of(reader, topic).stream()).toList();
    }

    private static List<TopicPartition> of(Consumer<byte[], byte[]> reader, String topic) {
        List<PartitionInfo> found = reader.partitionsFor(topic, Answers.LIMIT);
        if (found.isEmpty()) {
            throw new FaultException(
                    ErrorKind.NOT_FOUND,
                    "the topic %s does not exist; \"finetide topics\" creates what is missing".formatted(topic));
        }
        return found.stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
    }
}
