package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Sends letters again, a few a transaction, with how far their kinds have got. */
final class ReplaySender implements AutoCloseable {
    /** About as many as one round trip of a transaction (10 ms) pays for. */
    private static final int MAX_LETTERS_A_TRANSACTION = 100;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2); // every transaction was waited for

    private static final long NANOS_A_SECOND = 1_000_000_000L;

    private final KafkaSettings settings;
    private final String destination;
    private final Replay.Options options;
    private final @Nullable Producer<byte[], byte[]> producer;
    private final Map<String, ConsumerGroupMetadata> groups = new HashMap<>();
    private long nextNanos = System.nanoTime();

    ReplaySender(KafkaSettings settings, String destination, Replay.Options options) {
        this.settings = settings;
        this.destination = destination;
        this.options = options;
        this.producer = options.dryRun() ? null : open(settings, destination);
    }

    /** The transactional id lets a second replay of the same topic end the first. */
    private static Producer<byte[], byte[]> open(KafkaSettings settings, String destination) {
        Producer<byte[], byte[]> producer = settings.transactionalProducer(
                "finetide-replay", settings.topics().replayTransactions() + destination);
        producer.initTransactions();
        return producer;
    }

    void send(List<Replay.Letter> letters) {
        Producer<byte[], byte[]> open = producer;
        if (open == null) {
            return;
        }
        List<Replay.Letter> due = letters.stream()
                .filter(letter -> letter.fate() == Replay.Fate.REPLAYED)
                .toList();
        int size = (int) Math.max(1, Math.min(MAX_LETTERS_A_TRANSACTION, options.perSecond()));
        for (int from = 0; from < due.size(); from += size) {
            sendTogether(open, due.subList(from, Math.min(due.size(), from + size)));
        }
    }

    /** At most a second's worth, so that a low rate does not outlast the transaction's time-out. */
    private void sendTogether(Producer<byte[], byte[]> open, List<Replay.Letter> letters) {
        awaitTurn(letters.size());
        open.beginTransaction();
        Map<String, Map<TopicPartition, OffsetAndMetadata>> progress = new HashMap<>();
        for (Replay.Letter letter : letters) {
            ConsumerRecord<byte[], byte[]> record = letter.record();
            var unused = open.send(original(letter)); // its failure fails the commit
            progress.computeIfAbsent(letter.kind(), kind -> new HashMap<>())
                    .put(
                            new TopicPartition(record.topic(), record.partition()),
                            new OffsetAndMetadata(record.offset() + 1));
        }
        progress.forEach(
                (kind, offsets) -> open.sendOffsetsToTransaction(offsets, groups.computeIfAbsent(kind, this::group)));
        open.commitTransaction();
    }

    /** These groups have no members: a consumer that never joins says so. */
    private ConsumerGroupMetadata group(String kind) {
        try (var outsider = Closing.of(
                settings.consumer("finetide-replay", settings.topics().replayGroup(kind)))) {
            return outsider.client().groupMetadata();
        }
    }

    private ProducerRecord<byte[], byte[]> original(Replay.Letter letter) {
        Headers headers = DeadLetters.withoutErrors(letter.record().headers());
        headers.remove(DeadLetters.REPLAYS);
        headers.add(DeadLetters.REPLAYS, Integer.toString(letter.replays() + 1).getBytes(UTF_8));
        return new ProducerRecord<>(
                destination, null, null, letter.record().key(), letter.record().value(), headers);
    }

    private void awaitTurn(int letters) {
        long wait;
        while ((wait = nextNanos - System.nanoTime()) > 0) {
            LockSupport.parkNanos(this, wait);
            if (Thread.interrupted()) {
                throw new InterruptException("interrupted while waiting to replay");
            }
        }
        nextNanos = System.nanoTime() + (long) (letters * NANOS_A_SECOND / options.perSecond());
    }

    @Override
    public void close() {
        if (producer != null) {
            producer.close(CLOSE_LIMIT);
        }
    }
}
