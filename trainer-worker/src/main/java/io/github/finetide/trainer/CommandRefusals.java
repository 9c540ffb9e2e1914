package io.github.finetide.trainer;

import io.github.finetide.kafka.DeadLetters;
import io.github.finetide.kafka.TopicView;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.Metrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a dead letter for each command that nobody understands. Every trainer reads every command, so whoever writes
 * holds a transactional id of its own and looks first which letters are there. Used by the commands' thread.
 */
final class CommandRefusals {
    /** Dead letters are kept for a week: what is older than this was answered, and its letter may be gone. */
    private static final Duration MAX_AGE = Duration.ofDays(1);

    private static final Duration READ_LIMIT = Duration.ofSeconds(30);
    private static final Logger log = LoggerFactory.getLogger(CommandRefusals.class);

    private final Supplier<Ownership> claims;
    private final Function<TopicView.Listener<byte[]>, TopicView<byte[]>> letters;
    private final Metrics metrics;
    private final Clock clock;
    private final Deque<Refused> pending = new ArrayDeque<>();

    private record Refused(ConsumerRecord<byte[], byte[]> command, FaultException why) {}

    /**
     * Nothing is refused yet.
     *
     * @param claims an ownership of the refusals that is not taken yet
     * @param letters a view of the dead letters of commands, from the beginning
     */
    CommandRefusals(
            Supplier<Ownership> claims,
            Function<TopicView.Listener<byte[]>, TopicView<byte[]>> letters,
            Metrics metrics,
            Clock clock) {
        this.claims = claims;
        this.letters = letters;
        this.metrics = metrics;
        this.clock = clock;
    }

    /** Takes note; {@link #answer} writes. */
    void add(ConsumerRecord<byte[], byte[]> command, FaultException why) {
        log.warn("Nobody understands the command at offset {}: {}", command.offset(), why.getMessage());
        if (Instant.ofEpochMilli(command.timestamp()).isAfter(clock.instant().minus(MAX_AGE))) {
            pending.add(new Refused(command, why));
        }
    }

    /** Writes the letters that are missing; what could not be written is tried again the next time. */
    void answer() {
        if (pending.isEmpty()) {
            return;
        }
        try (Ownership ownership = claims.get()) {
            ownership.take();
            Set<Long> answered = answered();
            pending.removeIf(refused -> answered.contains(refused.command().offset()));
            publish(ownership);
        } catch (FencedException e) {
            log.debug("Another trainer writes the dead letters of commands; looking again");
        } catch (KafkaException e) {
            log.warn("Dead letters of commands have to wait: {}", e.toString());
        }
    }

    private void publish(Ownership ownership) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        pending.forEach(refused -> records.add(DeadLetters.of(refused.command(), refused.why(), 1)));
        if (!records.isEmpty()) {
            ownership.publish(records);
            pending.forEach(refused ->
                    metrics.deadLetter(refused.command().topic(), refused.why().kind()));
            pending.clear();
        }
    }

    private Set<Long> answered() {
        Set<Long> offsets = new HashSet<>();
        TopicView.Listener<byte[]> listener = new TopicView.Listener<>() {
            @Override
            public void changed(String key, byte @Nullable [] value, ConsumerRecord<byte[], byte[]> letter) {
                DeadLetters.offset(letter).ifPresent(offsets::add);
            }
        };
        try (TopicView<byte[]> view = letters.apply(listener)) {
            view.catchUp(READ_LIMIT);
        }
        return offsets;
    }
}
