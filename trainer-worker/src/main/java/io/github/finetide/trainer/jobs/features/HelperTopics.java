package io.github.finetide.trainer.jobs.features;

import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.FeatureRequest;
import io.github.finetide.message.FeatureResult;
import io.github.finetide.message.Json;
import io.github.finetide.trainer.data.FeatureHelpers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks other trainers for parts of a job's features, over Kafka. Where that fails the job computes them itself. */
public final class HelperTopics implements FeatureHelpers.Source, AutoCloseable {
    private static final Duration BEGIN_LIMIT = Duration.ofSeconds(10); // a broker that is there answers in one
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
    private static final Logger log = LoggerFactory.getLogger(HelperTopics.class);

    private final KafkaSettings kafka;
    private final String workerId;
    private final Producer<byte[], byte[]> producer;

    public HelperTopics(KafkaSettings kafka, String workerId) {
        this.kafka = kafka;
        this.workerId = workerId;
        producer = kafka.producer(workerId + "-features");
    }

    /** Sends what became of a part. */
    Future<RecordMetadata> answer(FeatureResult result) {
        return producer.send(EventRecords.of(kafka.topics().featureResults(), result, workerId, null));
    }

    @Override
    public FeatureHelpers open() {
        Consumer<byte[], byte[]> answers = kafka.reader(workerId + "-feature-results");
        try {
            TopicPartition results = new TopicPartition(kafka.topics().featureResults(), 0);
            answers.assign(List.of(results));
            answers.seekToEnd(List.of(results));
            long unused = answers.position(results, BEGIN_LIMIT); // now: an answer may come before the first poll
            return new Asking(answers);
        } catch (KafkaException away) {
            warn(away);
            answers.close(CloseOptions.timeout(CLOSE_LIMIT));
            return FeatureHelpers.NONE;
        }
    }

    private static void warn(Exception why) {
        log.atWarn()
                .addKeyValue("reason", String.valueOf(why.getMessage()))
                .log("Other trainers cannot be asked to help: this one computes all features itself");
    }

    private final class Asking implements FeatureHelpers {
        private final Consumer<byte[], byte[]> answers;
        private boolean failed;

        Asking(Consumer<byte[], byte[]> answers) {
            this.answers = answers;
        }

        /** Does not ask again where it failed once: a broker that is away would be waited for each time. */
        @Override
        public boolean ask(FeatureRequest request) {
            if (!failed) {
                try {
                    Future<RecordMetadata> sent =
                            producer.send(EventRecords.of(kafka.topics().featureRequests(), request, workerId, null));
                    if (sent.isDone()) {
                        RecordMetadata unused = sent.get();
                    }
                } catch (KafkaException | ExecutionException e) {
                    failed = true;
                    warn(e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    failed = true;
                }
            }
            return !failed;
        }

        @Override
        public List<FeatureResult> answers() {
            List<FeatureResult> read = new ArrayList<>();
            try {
                answers.poll(Duration.ZERO).forEach(record -> add(record, read));
            } catch (KafkaException e) {
                log.atDebug().addKeyValue("reason", e.getMessage()).log("No answers can be read now");
            }
            return read;
        }

        private static void add(ConsumerRecord<byte[], byte[]> record, List<FeatureResult> read) {
            try {
                read.add(Json.read(record.value(), FeatureResult.class));
            } catch (FaultException notAnAnswer) {
                log.atDebug().addKeyValue("offset", record.offset()).log("Not an answer");
            }
        }

        @Override
        public void close() {
            answers.close(CloseOptions.timeout(CLOSE_LIMIT));
        }
    }

    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }
}
