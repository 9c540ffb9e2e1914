package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.Periodic;
import io.github.finetide.kafka.Topics;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Measures every few seconds how many jobs wait in the queue; the gauge keeps its last value while Kafka is away. */
final class QueueLag implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final Logger log = LoggerFactory.getLogger(QueueLag.class);

    private final Admin admin;
    private final Topics topics;
    private final TrainingMetrics metrics;
    private final Periodic measurements = new Periodic("queue-lag", INTERVAL, this::measure);

    QueueLag(Admin admin, Topics topics, TrainingMetrics metrics) {
        this.admin = admin;
        this.topics = topics;
        this.metrics = metrics;
    }

    void start() {
        measurements.start();
    }

    private void measure() throws InterruptedException {
        try {
            Collection<SharePartitionOffsetInfo> partitions = admin.listShareGroupOffsets(
                            Map.of(topics.trainerGroup(), new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(topics.trainerGroup())
                    .get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .values();
            metrics.queueLag(partitions.stream()
                    .filter(Objects::nonNull)
                    .mapToLong(info -> info.lag().orElse(0L))
                    .sum());
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            log.atDebug().addKeyValue("reason", e.toString()).log("Lag of the queue is unknown");
        }
    }

    @Override
    public void close() {
        measurements.close();
    }
}
