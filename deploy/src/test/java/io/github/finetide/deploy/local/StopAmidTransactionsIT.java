package io.github.finetide.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.kafka.Closing;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a stop of the broker does to transactions that end while it stops. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class StopAmidTransactionsIT {
    private static final String GROUP = "group";
    private static final int PARTITIONS = 12;
    /** Many, with short transactions: so that one is at its end whenever the broker stops. */
    private static final int WRITERS = 2 * PARTITIONS;

    private static final int STOPS = 3;

    private static final int TRANSACTIONS_BEFORE_A_STOP = 20;
    /** Then the broker ends a transaction whose writer is gone. */
    private static final Duration TRANSACTION_LIMIT = Duration.ofSeconds(5);

    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void everyTransactionEndsForReadersAndForItsGroup() throws Exception {
        int port = Ports.reserve();
        KafkaSettings kafka = new KafkaSettings(
                "localhost:" + port, "", Map.of("transaction.timeout.ms", Long.toString(TRANSACTION_LIMIT.toMillis())));
        EmbeddedKafka broker = EmbeddedKafka.start(port, folder);
        try {
            createTopics(kafka);
            for (int i = 0; i < STOPS; i++) {
                List<TransactionWriter> writers = startWriters(kafka, i);
                awaitTransactions(writers);
                broker.close();
                stop(writers);
                broker = EmbeddedKafka.start(port, folder);
            }

            assertEverythingEnds(kafka);
        } finally {
            broker.close();
        }
    }

    private static void createTopics(KafkaSettings kafka) {
        try (Closing<Admin> admin = Closing.of(kafka.admin("test"))) {
            TopicAdmin.ensure(admin.client(), kafka.topics(), (short) 1);
        }
    }

    /** New ones each time: the next transaction of the same producer would end what was left open on its partition. */
    private static List<TransactionWriter> startWriters(KafkaSettings kafka, int stop) {
        List<TransactionWriter> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            String id = "writer-%d-%d".formatted(stop, i);
            writers.add(
                    new TransactionWriter(kafka, id, GROUP, partitions(kafka).get(i % PARTITIONS)));
        }
        return writers;
    }

    private static void awaitTransactions(List<TransactionWriter> writers) {
        await().atMost(LIMIT)
                .until(() -> writers.stream().allMatch(writer -> writer.committed() >= TRANSACTIONS_BEFORE_A_STOP));
    }

    private static void stop(List<TransactionWriter> writers) throws InterruptedException {
        for (TransactionWriter writer : writers) {
            writer.stop();
        }
    }

    private static void assertEverythingEnds(KafkaSettings kafka) {
        try (Closing<Admin> closing = Closing.of(kafka.admin("test"))) {
            Admin admin = closing.client();
            await().atMost(LIMIT).untilAsserted(() -> {
                assertThat(ends(admin, kafka, IsolationLevel.READ_COMMITTED))
                        .as("how far committed readers get")
                        .isEqualTo(ends(admin, kafka, IsolationLevel.READ_UNCOMMITTED));
                assertThat(stableOffsets(admin, kafka))
                        .as("partitions whose offsets the group can read")
                        .containsOnlyKeys(partitions(kafka));
            });
        }
    }

    private static List<TopicPartition> partitions(KafkaSettings kafka) {
        Topics topics = kafka.topics();
        return IntStream.range(0, PARTITIONS)
                .mapToObj(i -> new TopicPartition(topics.classificationResults(), i))
                .toList();
    }

    private static Map<TopicPartition, Long> ends(Admin admin, KafkaSettings kafka, IsolationLevel level)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetSpec> newest = new HashMap<>();
        partitions(kafka).forEach(partition -> newest.put(partition, OffsetSpec.latest()));
        Map<TopicPartition, ListOffsetsResultInfo> ends =
                admin.listOffsets(newest, new ListOffsetsOptions(level)).all().get();
        return ends.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, end -> end.getValue().offset()));
    }

    /** A partition with an open transaction is not among them. */
    private static Map<TopicPartition, ?> stableOffsets(Admin admin, KafkaSettings kafka)
            throws ExecutionException, InterruptedException {
        ListConsumerGroupOffsetsSpec all = new ListConsumerGroupOffsetsSpec().topicPartitions(partitions(kafka));
        return admin.listConsumerGroupOffsets(
                        Map.of(GROUP, all), new ListConsumerGroupOffsetsOptions().requireStable(true))
                .partitionsToOffsetAndMetadata(GROUP)
                .get();
    }
}
