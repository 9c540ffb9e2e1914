package io.github.finetide.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Follows topics without a group: all their partitions, committed records only. */
public final class TopicTail implements AutoCloseable {
    /** A cluster that is up answers in milliseconds. */
    private static final Duration POSITION_LIMIT = Duration.ofSeconds(30);

    private final Consumer<byte[], byte[]> reader;

    private TopicTail(Consumer<byte[], byte[]> reader) {
        this.reader = reader;
    }

    /**
     * Everything that comes after this call, and nothing older: when it returns, the positions are
     * fixed, so what is sent next will be seen.
     *
     * @param reader from {@link KafkaSettings#reader}; closed with this tail
     */
    public static TopicTail fromNow(Consumer<byte[], byte[]> reader, Collection<String> topics) {
        List<TopicPartition> partitions = assign(reader, topics);
        reader.seekToEnd(partitions);
        partitions.forEach(partition -> reader.position(partition, POSITION_LIMIT)); // seekToEnd alone is lazy
        return new TopicTail(reader);
    }

    /** Everything that the topics still hold, then what comes. */
    public static TopicTail fromBeginning(Consumer<byte[], byte[]> reader, Collection<String> topics) {
        reader.seekToBeginning(assign(reader, topics));
        return new TopicTail(reader);
    }

    private static List<TopicPartition> assign(Consumer<byte[], byte[]> reader, Collection<String> topics) {
        List<TopicPartition> partitions = Partitions.of(reader, topics);
        reader.assign(partitions);
        return partitions;
    }

    /** What has arrived; waits for something as long as the limit says. Within a partition in order. */
    public List<ConsumerRecord<byte[], byte[]>> poll(Duration limit) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        reader.poll(limit).forEach(records::add);
        return records;
    }

    @Override
    public void close() {
        reader.close();
    }
}
