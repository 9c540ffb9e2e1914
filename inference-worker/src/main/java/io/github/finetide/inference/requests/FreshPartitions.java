package io.github.finetide.inference.requests;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiPredicate;
import java.util.function.LongSupplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Partitions that are assigned, but not yet known how far they are answered. Each is adopted as soon as the group's
 * offset of it is stable; one with a transaction that hangs holds up no other. For the polling thread alone.
 */
public final class FreshPartitions {
    /** A transaction takes some 10 ms; one that its worker left open, up to 20 s. */
    static final Duration PAUSE = Duration.ofMillis(100);

    /** No transaction of a worker that is well takes so long. */
    static final Duration WORTH_A_WARNING = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(FreshPartitions.class);

    private final GroupOffsets offsets;
    private final LongSupplier nanoTime;
    /** Since when, for each. */
    private final Map<TopicPartition, Long> waiting = new HashMap<>();

    private final Set<TopicPartition> warned = new HashSet<>();
    /** What the answer under way speaks of: not a partition that went away or came back after the question. */
    private final Set<TopicPartition> asked = new HashSet<>();

    private @Nullable CompletableFuture<Map<TopicPartition, Optional<CommittedOffsets>>> answer;
    private long answeredAt;
    private boolean away;

    public FreshPartitions(GroupOffsets offsets, LongSupplier nanoTime) {
        this.offsets = offsets;
        this.nanoTime = nanoTime;
        this.answeredAt = nanoTime.getAsLong() - PAUSE.toNanos();
    }

    void add(Collection<TopicPartition> partitions) {
        remove(partitions);
        partitions.forEach(partition -> waiting.put(partition, nanoTime.getAsLong()));
    }

    void remove(Collection<TopicPartition> partitions) {
        partitions.forEach(partition -> {
            waiting.remove(partition);
            warned.remove(partition);
            asked.remove(partition);
        });
    }

    /** What was answered before does not count any more. */
    void askAgain() {
        add(Set.copyOf(waiting.keySet()));
    }

    boolean contains(TopicPartition partition) {
        return waiting.containsKey(partition);
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    /**
     * Asks the broker where that is due, and hands on what it has answered. Does not wait.
     *
     * @param adoption takes a partition and what is committed of it; false if it must be asked about again
     * @throws KafkaException when the broker refuses to answer
     */
    void adopt(BiPredicate<TopicPartition, Optional<CommittedOffsets>> adoption) {
        if (answer == null && !waiting.isEmpty() && isOver(answeredAt, PAUSE)) {
            asked.clear();
            asked.addAll(waiting.keySet());
            answer = offsets.read(Set.copyOf(asked)).toCompletableFuture();
        }
        CompletableFuture<Map<TopicPartition, Optional<CommittedOffsets>>> current = answer;
        if (current != null && current.isDone()) {
            answer = null;
            answeredAt = nanoTime.getAsLong();
            take(current, adoption);
            warn();
        }
    }

    private void take(
            CompletableFuture<Map<TopicPartition, Optional<CommittedOffsets>>> done,
            BiPredicate<TopicPartition, Optional<CommittedOffsets>> adoption) {
        try {
            Map<TopicPartition, Optional<CommittedOffsets>> known = done.join();
            away = false;
            known.keySet().retainAll(asked);
            known.forEach((partition, progress) -> {
                if (adoption.test(partition, progress)) {
                    remove(List.of(partition));
                }
            });
        } catch (CompletionException failed) {
            failed(failed.getCause());
        }
    }

    private void failed(@Nullable Throwable why) {
        if (!(why instanceof RetriableException)) {
            throw why instanceof KafkaException refused ? refused : new KafkaException(why);
        }
        if (!away) {
            log.atWarn().addKeyValue("reason", why.getMessage()).log("Offsets of the group cannot be read now");
        }
        away = true;
    }

    private void warn() {
        List<TopicPartition> stuck = new ArrayList<>(waiting.keySet());
        stuck.removeIf(partition ->
                warned.contains(partition) || !isOver(waiting.getOrDefault(partition, 0L), WORTH_A_WARNING));
        if (!stuck.isEmpty() && !away) {
            warned.addAll(stuck);
            log.atWarn().addKeyValue("partitions", stuck).log("Partitions wait for a transaction about them to end");
        }
    }

    private boolean isOver(long since, Duration time) {
        return nanoTime.getAsLong() - since >= time.toNanos();
    }
}
