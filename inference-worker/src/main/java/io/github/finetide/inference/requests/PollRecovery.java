package io.github.finetide.inference.requests;

import io.github.finetide.kafka.Closing;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Goes on where memory ran out in a poll: a record of 1 MiB that was compressed can hold a gigabyte. Reads one record at a
 * time with a consumer of its own, so that the culprit costs itself alone; everything before it is read as ever.
 *
 * <p>See RATIONALE.md, What if a record does not fit in memory?
 */
public final class PollRecovery {
    /** Of each partition; where the culprit lies behind these, the next poll fails again. */
    static final int MOST_RECORDS = 16;

    private static final Duration WAIT = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(PollRecovery.class);

    private final Supplier<Consumer<byte[], byte[]>> readers;

    /** Takes what is read. */
    interface Sink {
        void record(ConsumerRecord<byte[], byte[]> record);

        /** No record can be read at this place. */
        void unreadable(TopicPartition partition, long offset);
    }

    /** @param readers makes consumers without a group that read one record a poll */
    public PollRecovery(Supplier<Consumer<byte[], byte[]>> readers) {
        this.readers = readers;
    }

    /** Whether a poll failed for a record that cannot be read. */
    static boolean isDue(Throwable why) {
        return why instanceof OutOfMemoryError
                || (why instanceof KafkaException
                        && String.valueOf(why.getMessage())
                                .startsWith("Received exception when fetching the next record"));
    }

    /** Reads a partition from a position on; returns where the worker's own consumer goes on. */
    long read(TopicPartition partition, long position, Sink sink) {
        try (Closing<Consumer<byte[], byte[]>> closing = Closing.of(readers.get())) {
            Consumer<byte[], byte[]> reader = closing.client();
            reader.assign(List.of(partition));
            reader.seek(partition, position);
            return read(reader, partition, position, sink);
        }
    }

    private static long read(Consumer<byte[], byte[]> reader, TopicPartition partition, long position, Sink sink) {
        long next = position;
        for (int i = 0; i < MOST_RECORDS; i++) {
            try {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll(WAIT)) {
                    sink.record(record);
                }
                if (next == reader.position(partition)) {
                    return next; // nothing there
                }
                next = reader.position(partition);
            } catch (WakeupException stop) {
                throw stop;
            } catch (OutOfMemoryError | KafkaException why) {
                if (!isDue(why)) {
                    throw why;
                }
                log.atError()
                        .addKeyValue("partition", partition)
                        .addKeyValue("offset", next)
                        .log("Record does not fit in memory: given up as a dead letter that names its place");
                sink.unreadable(partition, next);
                return next + 1;
            }
        }
        return next;
    }
}
