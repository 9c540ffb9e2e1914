package io.github.finetide.inference.requests;

import io.github.finetide.kafka.Periodic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How many requests wait for the whole group: in each partition what committed readers can see, less what the group has
 * committed. Every worker finds the same figure, so alerts and autoscalers take the largest of them; a consumer's own lag
 * knows only its own partitions.
 */
public final class RequestsLag implements AutoCloseable {
    /** Three requests to the brokers each time; autoscalers look about every 30 s. */
    private static final Duration PERIOD = Duration.ofSeconds(10);

    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(RequestsLag.class);

    private final Admin admin;
    private final String topic;
    private final String group;
    private final Periodic looks = new Periodic("requests-lag", PERIOD, this::look);
    private volatile double lag = Double.NaN;

    /** @param admin stays the caller's */
    RequestsLag(Admin admin, String topic, String group) {
        this.admin = admin;
        this.topic = topic;
        this.group = group;
    }

    /** Begins to look. */
    public static RequestsLag start(Admin admin, String topic, String group) {
        RequestsLag lag = new RequestsLag(admin, topic, group);
        lag.looks.start();
        return lag;
    }

    /** Requests that wait or are being worked on, as last seen; NaN while Kafka has not answered. */
    public double last() {
        return lag;
    }

    /** Looks once. */
    void look() throws InterruptedException {
        try {
            List<TopicPartition> partitions = partitions();
            Map<TopicPartition, OffsetAndMetadata> committed = committed(partitions);
            Map<TopicPartition, Long> first = offsets(partitions, OffsetSpec.earliest());
            Map<TopicPartition, Long> end = offsets(partitions, OffsetSpec.latest());
            lag = sum(partitions, committed, first, end);
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            lag = Double.NaN; // readiness says what is wrong with Kafka
            log.atDebug().addKeyValue("reason", e.toString()).log("The lag of requests is unknown");
        }
    }

    private static long sum(
            List<TopicPartition> partitions,
            Map<TopicPartition, OffsetAndMetadata> committed,
            Map<TopicPartition, Long> first,
            Map<TopicPartition, Long> end) {
        long sum = 0;
        for (TopicPartition partition : partitions) {
            long from = first.getOrDefault(partition, 0L);
            OffsetAndMetadata position = committed.get(partition);
            if (position != null) {
                from = Math.max(from, position.offset());
            }
            sum += Math.max(0, end.getOrDefault(partition, 0L) - from);
        }
        return sum;
    }

    private List<TopicPartition> partitions() throws ExecutionException, InterruptedException, TimeoutException {
        return await(admin.describeTopics(List.of(topic)).allTopicNames()).values().stream()
                .flatMap(description -> description.partitions().stream())
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
    }

    /** Null stands for a partition of which nothing was committed yet. */
    private Map<TopicPartition, OffsetAndMetadata> committed(List<TopicPartition> partitions)
            throws ExecutionException, InterruptedException, TimeoutException {
        var spec = new ListConsumerGroupOffsetsSpec().topicPartitions(partitions);
        var options = new ListConsumerGroupOffsetsOptions().timeoutMs((int) ANSWER_LIMIT.toMillis());
        return await(
                admin.listConsumerGroupOffsets(Map.of(group, spec), options).partitionsToOffsetAndMetadata(group));
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(partition, spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        var options = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED).timeoutMs((int) ANSWER_LIMIT.toMillis());
        Map<TopicPartition, ListOffsetsResultInfo> answers =
                await(admin.listOffsets(asked, options).all());
        answers.forEach((partition, answer) -> offsets.put(partition, answer.offset()));
        return offsets;
    }

    private static <T> T await(KafkaFuture<T> answer)
            throws ExecutionException, InterruptedException, TimeoutException {
        return answer.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        looks.close();
    }
}
