package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.TopicView;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all of a topic that every trainer reads, then follows it on a thread of its own; what nobody understands is
 * refused.
 */
final class TopicFollower<T> implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration BACK_OFF = Duration.ofSeconds(1);
    private static final Duration JOIN_LIMIT = Duration.ofSeconds(5);
    private static final Logger log = LoggerFactory.getLogger(TopicFollower.class);

    private final String topic;
    private final TopicRefusals refusals;
    private final TopicView<T> view;
    private final Thread thread;
    private volatile boolean closed;

    /** Whom what was understood is told to. */
    @FunctionalInterface
    interface Reader<T> {
        void read(T value, Instant at);
    }

    TopicFollower(
            Consumer<byte[], byte[]> consumer,
            String topic,
            TopicView.Decoder<T> decoder,
            Reader<T> reader,
            TopicRefusals refusals) {
        this.topic = topic;
        this.refusals = refusals;
        view = new TopicView<>(consumer, topic, decoder, new Listener<>(reader, refusals));
        thread = new Thread(this::follow, topic);
    }

    /** Returns when what exists is known. */
    void start(Duration limit) {
        view.catchUp(limit);
        thread.setDaemon(true);
        thread.start();
    }

    private void follow() {
        while (!closed) {
            try {
                refusals.answer();
                view.poll(POLL);
            } catch (KafkaException | FaultException e) { // the latter where the brokers' names cannot be looked up
                log.warn("{} cannot be read, trying again: {}", topic, e.toString());
                pause();
            }
        }
    }

    private void pause() {
        try {
            Thread.sleep(BACK_OFF.toMillis());
        } catch (InterruptedException e) {
            closed = true;
        }
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

    private record Listener<T>(Reader<T> reader, TopicRefusals refusals) implements TopicView.Listener<T> {
        @Override
        public void refused(ConsumerRecord<byte[], byte[]> record, RuntimeException why) {
            FaultException fault = why instanceof FaultException known
                    ? known
                    : new FaultException(ErrorKind.INTERNAL, why.toString(), why);
            refusals.add(record, fault);
        }

        @Override
        public void changed(String key, @Nullable T value, ConsumerRecord<byte[], byte[]> record) {
            if (value != null) {
                reader.read(value, Instant.ofEpochMilli(record.timestamp()));
            }
        }
    }
}
