package io.github.finetide.kafka;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a topic of one partition from its beginning, or from a place in it, and follows it. What it says goes to a
 * listener, and nothing of it is kept here: topics grow with every job there ever was. Used by one thread.
 *
 * @param <T> what a value is decoded to
 */
public final class TopicView<T> implements AutoCloseable {
    /** Makes a value of a record; throws FaultException when it cannot. */
    public interface Decoder<T> {
        T decode(ConsumerRecord<byte[], byte[]> record);
    }

    /** Receives every record in the order of the topic, also those that newer ones replace. */
    public interface Listener<T> {
        /** A key has a new value, or none any more. */
        void changed(String key, @Nullable T value, ConsumerRecord<byte[], byte[]> record);

        /** A record was not understood. */
        default void refused(ConsumerRecord<byte[], byte[]> record, RuntimeException why) {}
    }

    /** Looks at the position again after this time: a transaction's end moves it without records. */
    private static final Duration STEP = Duration.ofMillis(500);

    /** Between two looks whether the topic was made anew, while it is followed. */
    static final Duration LOOK = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(TopicView.class);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2); // nothing is lost with a goodbye unsaid

    private final Consumer<byte[], byte[]> reader;
    private final TopicPartition partition;
    private final Decoder<T> decoder;
    private final Listener<T> listener;
    private final Supplier<String> topicIds;
    private volatile String topicId = "";
    private long lookedAt = System.nanoTime() - LOOK.toNanos();

    /**
     * Of a topic that stays the same for as long as this is used.
     *
     * @param reader from {@link KafkaSettings#reader}; closed with this view
     * @param topic of one partition
     */
    public TopicView(Consumer<byte[], byte[]> reader, String topic, Decoder<T> decoder, Listener<T> listener) {
        this(reader, topic, () -> "", decoder, listener);
    }

    /**
     * Of a topic that may be deleted and made anew: then the new one is read from its beginning too, and what the former one
     * said counts until the new one says otherwise.
     *
     * @param topicIds asks Kafka for the topic's id; throws FaultException where that is not known
     */
    public TopicView(
            Consumer<byte[], byte[]> reader,
            String topic,
            Supplier<String> topicIds,
            Decoder<T> decoder,
            Listener<T> listener) {
        this.reader = reader;
        this.partition = new TopicPartition(topic, 0);
        this.topicIds = topicIds;
        this.decoder = decoder;
        this.listener = listener;
        begin();
    }

    private void begin() {
        reader.assign(List.of(partition));
        reader.seekToBeginning(List.of(partition));
    }

    /** A position in a topic that had the name before says nothing about this one. */
    private void look() {
        String now;
        try {
            now = topicIds.get();
        } catch (FaultException why) {
            throw new KafkaException(why.getMessage(), why);
        }
        lookedAt = System.nanoTime();
        if (!topicId.isEmpty() && !topicId.equals(now)) {
            log.atWarn()
                    .addKeyValue("topic", partition.topic())
                    .log("The topic was made anew: it is read from its beginning");
            reader.assign(List.of()); // what was fetched of the former one is forgotten
            begin();
        }
        topicId = now;
    }

    /** Kafka's id of the topic that is read, as of the last look; empty before the first. */
    public String topicId() {
        return topicId;
    }

    /**
     * Reads everything that was written before this was called and is committed or will be. A transaction of anybody's
     * that is still open hides what was committed behind it: its end is waited for, which the broker brings about after
     * the transaction's time-out at the latest.
     *
     * @throws TimeoutException when the end was not reached within the limit; another call goes on
     *     from there
     * @throws KafkaException when the end cannot be learned
     */
    public void catchUp(Admin admin, Duration limit) {
        Instant deadline = Instant.now().plus(limit);
        look();
        readTo(end(admin, limit), deadline);
    }

    private long end(Admin admin, Duration limit) {
        try {
            return Answers.of(
                            admin.listOffsets(
                                            Map.of(partition, OffsetSpec.latest()),
                                            new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                                    .partitionResult(partition),
                            "report the end of " + partition.topic(),
                            limit)
                    .offset();
        } catch (FaultException e) {
            throw new KafkaException(e.getMessage(), e);
        }
    }

    /**
     * Reads up to what was the end when this was called: of committed records that no open transaction hides.
     *
     * @throws TimeoutException when the end was not reached within the limit; another call goes on
     *     from there
     */
    public void catchUp(Duration limit) {
        Instant deadline = Instant.now().plus(limit);
        look();
        readTo(reader.endOffsets(List.of(partition), limit).getOrDefault(partition, 0L), deadline);
    }

    private void readTo(long end, Instant deadline) {
        while (reader.position(partition, left(deadline)) < end) {
            Duration left = left(deadline);
            poll(left.compareTo(STEP) < 0 ? left : STEP);
        }
    }

    private Duration left(Instant deadline) {
        Duration left = Duration.between(Instant.now(), deadline);
        if (left.isNegative()) {
            throw new TimeoutException("%s was not read to its end in time".formatted(partition.topic()));
        }
        return left;
    }

    /** Follows the topic: passes on what has arrived, or waits for it as long as the limit says. */
    public int poll(Duration limit) {
        if (System.nanoTime() - lookedAt >= LOOK.toNanos()) {
            look();
        }
        ConsumerRecords<byte[], byte[]> records;
        try {
            records = reader.poll(limit);
        } catch (OutOfMemoryError tooLarge) {
            skip(tooLarge);
            return 1;
        }
        int applied = 0;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            apply(record);
            applied++;
        }
        return applied;
    }

    /**
     * Goes past a record that cannot be unpacked: 700 MB of blanks are under 1 MiB in gzip. It is the one at the position
     * where the reader gives out one record a poll ({@link KafkaSettings#reader(String, int)}).
     */
    private void skip(OutOfMemoryError tooLarge) {
        long offset = reader.position(partition);
        reader.seek(partition, offset + 1);
        ConsumerRecord<byte[], byte[]> place = new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                System.currentTimeMillis(),
                TimestampType.NO_TIMESTAMP_TYPE,
                ConsumerRecord.NULL_SIZE,
                ConsumerRecord.NULL_SIZE,
                null,
                null,
                new RecordHeaders(),
                Optional.empty());
        listener.refused(
                place,
                new FaultException(
                        ErrorKind.OUT_OF_MEMORY,
                        "the record at offset %d of %s does not fit into memory when it is unpacked"
                                .formatted(offset, partition.topic()),
                        tooLarge));
    }

    /** Leaves out what is before an offset; to be called before anything is read. */
    public void startAt(long offset) {
        reader.seek(partition, offset);
    }

    /**
     * Reads a record once more that was read before; the place in the topic stays.
     *
     * @return empty where compaction took it away (a newer one of its key was read, or will be), or the topic was made
     *     anew; another record may stand there then
     * @throws TimeoutException when it did not come within the limit
     */
    public Optional<T> again(long offset, Duration limit) {
        Instant deadline = Instant.now().plus(limit);
        long place = reader.position(partition, limit);
        if (offset >= reader.endOffsets(List.of(partition), limit).getOrDefault(partition, 0L)) {
            return Optional.empty(); // it was in a topic that had the name before
        }
        try {
            reader.seek(partition, offset);
            while (reader.position(partition, left(deadline)) <= offset) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(STEP)) {
                    return record.offset() == offset && record.value() != null
                            ? Optional.of(decoder.decode(record))
                            : Optional.empty();
                }
            }
            return Optional.empty();
        } finally {
            reader.seek(partition, place);
        }
    }

    private void apply(ConsumerRecord<byte[], byte[]> record) {
        String key = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) {
            listener.changed(key, null, record);
            return;
        }
        T value;
        try {
            value = decoder.decode(record);
        } catch (RuntimeException why) {
            listener.refused(record, why);
            return;
        } catch (StackOverflowError | OutOfMemoryError why) {
            listener.refused(record, new FaultException(ErrorKind.MALFORMED, "cannot be read: " + why, why));
            return;
        }
        listener.changed(key, value, record);
    }

    @Override
    public void close() {
        reader.close(CloseOptions.timeout(CLOSE_LIMIT));
    }
}
