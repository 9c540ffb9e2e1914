package io.github.finetide.inference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.kafka.DeadLetters;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.Json;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.awaitility.core.ConditionTimeoutException;

/** What a reader of committed records sees: results and dead letters by the request's id. */
final class ChaosResults implements AutoCloseable {
    private static final Duration ROUND = Duration.ofMillis(20);

    private final Topics topics;
    private final Duration patience;
    private final Runnable whenStuck;
    private final Consumer<byte[], byte[]> reader;
    private final Map<String, List<ClassificationResult>> results = new HashMap<>();
    private final Map<String, List<String>> deadLetters = new HashMap<>();

    /**
     * @param patience for one result after the other
     * @param whenStuck may fail with a better reason, when patience is over
     */
    ChaosResults(KafkaSettings kafka, Duration patience, Runnable whenStuck) {
        this.topics = kafka.topics();
        this.patience = patience;
        this.whenStuck = whenStuck;
        this.reader = kafka.reader("test-results");
        reader.assign(Stream.of(topics.classificationResults(), Topics.deadLetters(topics.classificationRequests()))
                .flatMap(topic -> reader.partitionsFor(topic).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList());
    }

    private boolean poll() {
        reader.poll(ROUND).forEach(record -> {
            if (record.topic().equals(topics.classificationResults())) {
                take(Json.read(record.value(), ClassificationResult.class), key(record));
            } else {
                deadLetters
                        .computeIfAbsent(key(record), id -> new ArrayList<>())
                        .add(kind(record));
            }
        });
        return true;
    }

    private void take(ClassificationResult result, String key) {
        assertThat(key).as("key of a result").isEqualTo(result.requestId());
        results.computeIfAbsent(key, id -> new ArrayList<>()).add(result);
    }

    private static String key(ConsumerRecord<byte[], byte[]> record) {
        return new String(record.key(), UTF_8);
    }

    private static String kind(ConsumerRecord<byte[], byte[]> letter) {
        Header kind = letter.headers().lastHeader(DeadLetters.ERROR_KIND);
        return kind == null ? "" : new String(kind.value(), UTF_8);
    }

    /** Waits until so many requests are answered; not longer than patience for the next one. */
    void awaitCount(int wanted) {
        awaitProgress("at least " + wanted + " results", () -> results.size() >= wanted);
    }

    /** Waits until these are answered; not longer than patience for the next result of any request. */
    void awaitAll(Set<String> requests) {
        Set<String> missing = new TreeSet<>(requests);
        awaitProgress("results of " + requests.size() + " requests", () -> {
            missing.removeAll(results.keySet());
            return missing.isEmpty();
        });
    }

    /** However many requests wait for their turn, a fleet that works answers one after the other. */
    private void awaitProgress(String wanted, BooleanSupplier reached) {
        while (!reached.getAsBoolean()) {
            int before = results.size();
            try {
                await().atMost(patience).pollInterval(ROUND).until(() -> poll() && results.size() > before);
            } catch (ConditionTimeoutException stuck) {
                whenStuck.run();
                throw new AssertionError(
                        "stuck: no result after the first %d for %d s; wanted %s"
                                .formatted(before, patience.toSeconds(), wanted),
                        stuck);
            }
        }
    }

    /** Reads on until the reader stands at the end of every partition. */
    void readToTheEnd() {
        await().atMost(patience).until(() -> poll() && isAtTheEnd());
    }

    private boolean isAtTheEnd() {
        return reader.endOffsets(reader.assignment()).entrySet().stream()
                .allMatch(end -> reader.position(end.getKey()) >= end.getValue());
    }

    int count() {
        return results.size();
    }

    long total() {
        return results.values().stream().mapToLong(Collection::size).sum();
    }

    List<String> outcomes(String id) {
        return results.getOrDefault(id, List.of()).stream()
                .map(result -> result instanceof Rejected rejected
                        ? rejected.error().kind().wire()
                        : ChaosRequests.CLASSIFIED)
                .toList();
    }

    String version(String id) {
        return ((Classified) results.getOrDefault(id, List.of()).get(0)).version();
    }

    List<String> deadLetters(String id) {
        return deadLetters.getOrDefault(id, List.of());
    }

    /** Requests that the group has not committed. */
    static long lag(Admin admin, String group) throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get();
        assertThat(committed).as("offsets of group %s", group).isNotEmpty();
        Map<TopicPartition, OffsetSpec> newest =
                committed.keySet().stream().collect(Collectors.toMap(p -> p, p -> OffsetSpec.latest()));
        return admin.listOffsets(newest).all().get().entrySet().stream()
                .mapToLong(end -> end.getValue().offset()
                        - committed
                                .getOrDefault(end.getKey(), new OffsetAndMetadata(0))
                                .offset())
                .sum();
    }

    @Override
    public void close() {
        reader.close();
    }
}
