package io.github.finetide.trainer.jobs;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.AcknowledgementCommitCallback;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.jspecify.annotations.Nullable;

/** A member of a share group without a broker: hands out offered records, and renewed ones again. */
final class FakeShareConsumer implements ShareConsumer<byte[], byte[]> {
    private static final TopicPartition PARTITION = new TopicPartition("training.jobs", 0);

    final List<AcknowledgeType> acknowledged = new CopyOnWriteArrayList<>();
    boolean closed;
    private final Queue<ConsumerRecord<byte[], byte[]>> offered = new ArrayDeque<>();
    private @Nullable KafkaException commitFailure;
    private volatile CountDownLatch awaited = new CountDownLatch(0);
    private int renewed;

    void offer(long offset) {
        offered.add(new ConsumerRecord<>(PARTITION.topic(), 0, offset, new byte[0], new byte[0]));
    }

    void failCommits(KafkaException failure) {
        commitFailure = failure;
    }

    /** Opens when so many renewals were asked for, counted from the first. */
    synchronized CountDownLatch renewals(int count) {
        awaited = new CountDownLatch(Math.max(0, count - renewed));
        return awaited;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
        ConsumerRecord<byte[], byte[]> record = offered.poll();
        return record == null
                ? new ConsumerRecords<>(Map.of(), Map.of())
                : new ConsumerRecords<>(Map.of(PARTITION, List.of(record)), Map.of());
    }

    @Override
    public synchronized void acknowledge(ConsumerRecord<byte[], byte[]> record, AcknowledgeType type) {
        acknowledged.add(type);
        if (type == AcknowledgeType.RENEW) {
            offered.add(record);
            renewed++;
            awaited.countDown();
        }
    }

    @Override
    public Map<TopicIdPartition, Optional<KafkaException>> commitSync(Duration timeout) {
        return Map.of(new TopicIdPartition(Uuid.ONE_UUID, PARTITION), Optional.ofNullable(commitFailure));
    }

    @Override
    public void subscribe(Collection<String> topics) {}

    @Override
    public void close(Duration timeout) {
        closed = true;
    }

    @Override
    public void close() {
        closed = true;
    }

    @Override
    public Set<String> subscription() {
        return Set.of(PARTITION.topic());
    }

    @Override
    public void unsubscribe() {}

    @Override
    public void acknowledge(ConsumerRecord<byte[], byte[]> record) {
        acknowledge(record, AcknowledgeType.ACCEPT);
    }

    @Override
    public void acknowledge(String topic, int partition, long offset, AcknowledgeType type) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Map<TopicIdPartition, Optional<KafkaException>> commitSync() {
        return commitSync(Duration.ZERO);
    }

    @Override
    public void commitAsync() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void setAcknowledgementCommitCallback(AcknowledgementCommitCallback callback) {}

    @Override
    public Uuid clientInstanceId(Duration timeout) {
        return Uuid.ONE_UUID;
    }

    @Override
    public Optional<Integer> acquisitionLockTimeoutMs() {
        return Optional.empty();
    }

    @Override
    public Map<MetricName, ? extends Metric> metrics() {
        return Map.of();
    }

    @Override
    public void registerMetricForSubscription(KafkaMetric metric) {}

    @Override
    public void unregisterMetricFromSubscription(KafkaMetric metric) {}

    @Override
    public void wakeup() {}
}
