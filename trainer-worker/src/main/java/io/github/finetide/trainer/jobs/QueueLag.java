package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.Periodic;
import io.github.finetide.kafka.Topics;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
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
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks Kafka now and then how many jobs wait, and so finds out whether Kafka is there. */
final class QueueLag implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30); // one answer may be late
    private static final Logger log = LoggerFactory.getLogger(QueueLag.class);

    private final Admin admin;
    private final Topics topics;
    private final TrainingMetrics metrics;
    private final InstantSource clock;
    private final Periodic asks = new Periodic("queue-lag", INTERVAL, this::ask);
    private volatile Instant answeredAt;

    QueueLag(Admin admin, Topics topics, TrainingMetrics metrics, InstantSource clock) {
        this.admin = admin;
        this.topics = topics;
        this.metrics = metrics;
        this.clock = clock;
        this.answeredAt = clock.instant();
    }

    void start() {
        asks.start();
    }

    /** Why no job can be taken now; null where Kafka answers. */
    @Nullable String problem() {
        Duration silence = Duration.between(answeredAt, clock.instant());
        return silence.compareTo(SILENCE_LIMIT) > 0 ? "Kafka has not answered for " + silence.toSeconds() + " s" : null;
    }

    private void ask() throws InterruptedException {
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
            answeredAt = clock.instant();
        } catch (ExecutionException | TimeoutException | KafkaException e) {
            log.atDebug().addKeyValue("reason", e.toString()).log("The queue's lag is unknown");
        }
    }

    @Override
    public void close() {
        asks.close();
    }
}
