package io.github.finetide.deploy.local;

import io.github.finetide.kafka.KafkaSettings;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** One small transaction after the other: a record, and the group's offset. */
final class TransactionWriter {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);

    private final KafkaSettings kafka;
    private final String id;
    private final String group;
    private final TopicPartition partition;
    private final Thread thread = new Thread(this::run, "transactions");
    private final AtomicInteger committed = new AtomicInteger();
    private volatile boolean stopping;

    TransactionWriter(KafkaSettings kafka, String id, String group, TopicPartition partition) {
        this.kafka = kafka;
        this.id = id;
        this.group = group;
        this.partition = partition;
        thread.setDaemon(true);
        thread.start();
    }

    int committed() {
        return committed.get();
    }

    /** As a process that is killed: what is open stays open. */
    void stop() throws InterruptedException {
        stopping = true;
        thread.interrupt();
        thread.join(STOP_LIMIT.toMillis());
    }

    private void run() {
        while (!stopping) {
            Producer<byte[], byte[]> producer = kafka.transactionalProducer(id, id);
            try {
                producer.initTransactions();
                writeUntilStopped(producer);
            } catch (KafkaException away) {
                // The next producer ends what this one left open.
            } finally {
                producer.close(Duration.ZERO);
            }
        }
    }

    // What a send fails with, the commit throws. Metadata of a group without members has no other constructor.
    @SuppressWarnings({"FutureReturnValueIgnored", "removal"})
    private void writeUntilStopped(Producer<byte[], byte[]> producer) {
        while (!stopping) {
            producer.beginTransaction();
            producer.send(
                    new ProducerRecord<>(partition.topic(), partition.partition(), new byte[] {1}, new byte[] {2}));
            producer.sendOffsetsToTransaction(
                    Map.of(partition, new OffsetAndMetadata(committed.get())), new ConsumerGroupMetadata(group));
            producer.commitTransaction();
            committed.incrementAndGet();
        }
    }
}
