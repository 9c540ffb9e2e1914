package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.TopicView;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Reads a topic that every trainer reads to its end, then follows it on a thread of its own; what cannot be decoded is
 * refused.
 */
final class TopicFollower<T> implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(5);

    private final String topic;
    private final TopicRefusals refusals;
    private final TopicView<T> view;
    private final Thread thread;
    private final Retrying retrying;
    private final LongSupplier first;
    private boolean placed;
    private volatile boolean started;
    private volatile boolean closed;

    /** Receives each successfully decoded record. */
    @FunctionalInterface
    interface Reader<T> {
        void read(T value, Instant at);
    }

    /**
     * Nothing is read yet.
     *
     * @param first looks up the offset before which nothing matters any more
     */
    TopicFollower(
            Consumer<byte[], byte[]> consumer,
            String topic,
            Supplier<String> topicIds,
            TopicView.Decoder<T> decoder,
            Reader<T> reader,
            TopicRefusals refusals,
            LongSupplier first,
            Retrying retrying) {
        this.retrying = retrying;
        this.first = first;
        this.topic = topic;
        this.refusals = refusals;
        view = new TopicView<>(consumer, topic, topicIds, decoder, new Listener(reader));
        thread = new Thread(this::follow, topic);
    }

    /** Returns when what exists is known; once that has been so, another call does nothing. */
    void start(Duration limit) {
        if (started) {
            return;
        }
        if (!placed) {
            view.startAt(first.getAsLong());
            placed = true;
        }
        view.catchUp(limit);
        thread.setDaemon(true);
        thread.start();
        started = true;
    }

    private void follow() {
        for (int failures = 0; !retrying.stopping().isRequested() && !closed; ) {
            try {
                refusals.answer();
                view.poll(POLL);
                retrying.obstacle().gone();
                failures = 0;
            } catch (RuntimeException | Error e) { // whatever it is, nobody else follows the topic
                if (!closed) {
                    retrying.obstacle().met("read " + topic, e);
                    boolean unused = retrying.pause(++failures);
                }
            }
        }
    }

    /** Why only a restart of the process helps; null while the topic is followed. */
    @Nullable String dead() {
        return started && !closed && !retrying.stopping().isRequested() && !thread.isAlive()
                ? topic + " is no longer followed"
                : null;
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(JOIN_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!thread.isAlive()) {
            view.close();
        }
    }

    private final class Listener implements TopicView.Listener<T> {
        private final Reader<T> reader;

        Listener(Reader<T> reader) {
            this.reader = reader;
        }

        @Override
        public void refused(ConsumerRecord<byte[], byte[]> record, RuntimeException why) {
            refusals.add(view.topicId(), record, FaultException.of(why));
        }

        @Override
        public void changed(String key, @Nullable T value, ConsumerRecord<byte[], byte[]> record) {
            if (value != null) {
                reader.read(value, Instant.ofEpochMilli(record.timestamp()));
            }
        }
    }
}
