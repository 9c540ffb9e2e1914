package io.github.finetide.kafka;

import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Sends dead letters again to the topic that they came from: original key, bytes and headers, and
 * one more {@code finetide-replays}. Letters of a kind that were replayed once are not replayed by
 * the next run: how far each kind got is kept in a group's offsets, committed in the transaction
 * that sends, so that a run that dies neither repeats nor leaves out any.
 */
public final class Replay {
    /** What becomes of a letter. */
    public enum Fate {
        /** Sent again; in a dry run: would be. */
        REPLAYED,
        /** Its kind was not asked for. */
        OTHER_KIND,
        /** By a run before this one. */
        REPLAYED_BEFORE,
        /** It came back as often as allowed: the loop guard. */
        REPLAYED_TOO_OFTEN,
        /** It was too large for a letter and was cut; the original stands at the place that it names. */
        INCOMPLETE
    }

    /** A dead letter, why it is one, and what becomes of it. */
    public record Letter(ConsumerRecord<byte[], byte[]> record, String kind, int replays, Fate fate) {}

    /**
     * What to replay and how.
     *
     * @param kinds error kinds as spelled in results; empty for all
     * @param perSecond letters a second at most
     * @param maxReplays letters that were replayed this often are left
     * @param again also letters that an earlier run replayed
     * @param dryRun only say what would be sent
     */
    public record Options(Set<String> kinds, double perSecond, int maxReplays, boolean again, boolean dryRun) {
        public Options {
            kinds = Set.copyOf(kinds);
            if (!(perSecond > 0)) {
                throw FaultException.invalid("rate", perSecond, "more than 0 letters a second");
            }
        }
    }

    /** Without news from the cluster for this long, the replay gives up; a next run goes on. */
    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(30);

    private static final String SUFFIX = Topics.deadLetters("");

    private final KafkaSettings settings;
    private final String topic;
    private final String destination;
    private final Options options;

    /**
     * @param topic a dead-letter topic, by its full name
     * @throws FaultException when it is not one by its name
     */
    public Replay(KafkaSettings settings, String topic, Options options) {
        if (!topic.endsWith(SUFFIX) || topic.equals(SUFFIX)) {
            throw FaultException.invalid("topic", topic, "a dead-letter topic; its name ends with " + SUFFIX);
        }
        this.settings = settings;
        this.topic = topic;
        this.destination = topic.substring(0, topic.length() - SUFFIX.length());
        this.options = options;
    }

    /**
     * Goes through the letters that are there now.
     *
     * @param reported receives each letter with its fate; a replayed one once it is safely sent
     * @return how many met which fate
     */
    public Map<Fate, Integer> run(Consumer<Letter> reported) {
        try (var closingReader = Closing.of(settings.reader("finetide-replay"));
                var admin = Closing.of(settings.admin("finetide-replay"));
                var sender = new ReplaySender(settings, destination, options)) {
            var reader = closingReader.client();
            List<TopicPartition> partitions = Partitions.of(reader, List.of(topic));
            reader.assign(partitions);
            reader.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = reader.endOffsets(partitions, SILENCE_LIMIT);
            ReplayProgress progress = new ReplayProgress(admin.client(), settings.topics());
            return new Run(reader, ends, progress, sender, reported).toTheEnd();
        }
    }

    /** One pass over the topic. */
    private final class Run {
        private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> reader;
        private final Map<TopicPartition, Long> ends;
        private final ReplayProgress progress;
        private final ReplaySender sender;
        private final Consumer<Letter> reported;
        private final Map<Fate, Integer> counts = new EnumMap<>(Fate.class);

        Run(
                org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> reader,
                Map<TopicPartition, Long> ends,
                ReplayProgress progress,
                ReplaySender sender,
                Consumer<Letter> reported) {
            this.reader = reader;
            this.ends = ends;
            this.progress = progress;
            this.sender = sender;
            this.reported = reported;
        }

        Map<Fate, Integer> toTheEnd() {
            long lastNews = System.nanoTime();
            while (!atEnd()) {
                List<Letter> letters = poll();
                sender.send(letters);
                letters.forEach(this::report);
                if (!letters.isEmpty()) {
                    lastNews = System.nanoTime();
                } else if (System.nanoTime() - lastNews > SILENCE_LIMIT.toNanos()) {
                    throw new TimeoutException(
                            "%s could not be read for %d s".formatted(topic, SILENCE_LIMIT.toSeconds()));
                }
            }
            return counts;
        }

        private boolean atEnd() {
            return ends.entrySet().stream()
                    .allMatch(end -> reader.position(end.getKey(), SILENCE_LIMIT) >= end.getValue());
        }

        private List<Letter> poll() {
            List<Letter> letters = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(Duration.ofMillis(500))) {
                TopicPartition partition = new TopicPartition(record.topic(), record.partition());
                if (record.offset() < ends.getOrDefault(partition, 0L)) {
                    letters.add(letter(record));
                }
            }
            return letters;
        }

        private Letter letter(ConsumerRecord<byte[], byte[]> record) {
            String kind = DeadLetters.kind(record.headers());
            int replays = DeadLetters.replays(record.headers());
            return new Letter(record, kind, replays, fate(record, kind, replays));
        }

        private Fate fate(ConsumerRecord<byte[], byte[]> record, String kind, int replays) {
            if (!options.kinds().isEmpty() && !options.kinds().contains(kind)) {
                return Fate.OTHER_KIND;
            } else if (LetterLimit.isCut(record.headers())) {
                return Fate.INCOMPLETE;
            } else if (replays >= options.maxReplays()) {
                return Fate.REPLAYED_TOO_OFTEN;
            }
            return !options.again() && progress.isBehind(kind, record) ? Fate.REPLAYED_BEFORE : Fate.REPLAYED;
        }

        private void report(Letter letter) {
            counts.merge(letter.fate(), 1, Integer::sum);
            reported.accept(letter);
        }
    }
}
