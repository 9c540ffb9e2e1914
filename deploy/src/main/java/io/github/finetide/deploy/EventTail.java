package io.github.finetide.deploy;

import io.github.finetide.kafka.Closing;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.Event;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The events of some topics as they come, committed ones only; belongs to no group and commits nothing. */
public final class EventTail implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventTail.class);

    /** A cluster that is there answers in milliseconds, on a busy machine in seconds. */
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);

    private final Consumer<byte[], byte[]> consumer;
    private final Map<String, Class<? extends Event>> types;
    private final Map<TopicPartition, Long> ends;

    private EventTail(
            Consumer<byte[], byte[]> consumer,
            Map<String, Class<? extends Event>> types,
            Map<TopicPartition, Long> ends) {
        this.consumer = consumer;
        this.types = types;
        this.ends = ends;
    }

    /** Everything from now on: what is written after this returns is seen. */
    public static EventTail fromNow(KafkaSettings kafka, Map<String, Class<? extends Event>> types) {
        return open(kafka, types, Set.of());
    }

    /** Everything there is in the topics named {@code whole}; of all topics everything from now on. */
    static EventTail open(KafkaSettings kafka, Map<String, Class<? extends Event>> types, Set<String> whole) {
        Consumer<byte[], byte[]> consumer = kafka.reader("finetide");
        try {
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic : types.keySet()) {
                partitions.addAll(partitions(consumer, topic));
            }
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, ANSWER_LIMIT);
            ends.forEach((partition, end) -> consumer.seek(partition, whole.contains(partition.topic()) ? 0 : end));
            return new EventTail(consumer, types, ends);
        } catch (TimeoutException nobodyThere) {
            Closing.of(consumer).close();
            throw new CommandFailure(
                    "no Kafka answers at %s within %d s".formatted(kafka.bootstrapServers(), ANSWER_LIMIT.toSeconds()));
        } catch (RuntimeException e) {
            Closing.of(consumer).close();
            throw e;
        }
    }

    private static List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String topic) {
        var found = consumer.partitionsFor(topic, ANSWER_LIMIT);
        if (found == null || found.isEmpty()) {
            throw new CommandFailure(
                    "the topic %s does not exist: create the topics with \"finetide topics\"".formatted(topic));
        }
        return found.stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    /** What has arrived, or arrives within the limit. Records that are not understood are left out. */
    public List<Event> poll(Duration limit) {
        List<Event> events = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> message : consumer.poll(limit)) {
            Class<? extends Event> type = types.get(message.topic());
            if (type != null && message.value() != null) {
                decode(message, type, events);
            }
        }
        return events;
    }

    /** Whether all has been read that was there when this was opened. */
    boolean isCaughtUp() {
        return ends.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey(), ANSWER_LIMIT) >= end.getValue());
    }

    private static void decode(
            ConsumerRecord<byte[], byte[]> message, Class<? extends Event> type, List<Event> events) {
        try {
            events.add(Json.read(message.value(), type));
        } catch (FaultException e) {
            LOG.warn("{}-{}@{}: {}", message.topic(), message.partition(), message.offset(), e.getMessage());
        }
    }

    @Override
    public void close() {
        Closing.of(consumer).close();
    }
}
