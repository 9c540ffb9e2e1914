package io.github.finetide.inference.requests;

import io.github.finetide.inference.pipeline.ShadowComparison;
import io.github.finetide.kafka.Closing;
import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.message.ClassificationDisagreement;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.runtime.Background;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes where a shadow disagrees, for people to look at: a few a minute, on a thread and with a producer of its own.
 * A topic that cannot be written is a line in the log, and holds up no answer.
 */
public final class Disagreements implements AutoCloseable {
    /** More would say no more to a reader; all of them are counted by {@code finetide_shadow_total}. */
    public static final int MOST_A_MINUTE = 60;

    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static final Logger log = LoggerFactory.getLogger(Disagreements.class);

    private final String topic;
    private final String worker;
    private final Supplier<Producer<byte[], byte[]>> opener;
    private final Background background;
    private final InstantSource clock;
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicBoolean failing = new AtomicBoolean();
    private Instant minute = Instant.MIN;
    private int inMinute;
    private @Nullable Producer<byte[], byte[]> producer;

    /** @param background one thread, which waits where Kafka is away */
    public Disagreements(
            String topic,
            String worker,
            Supplier<Producer<byte[], byte[]>> opener,
            Background background,
            InstantSource clock) {
        this.topic = topic;
        this.worker = worker;
        this.opener = opener;
        this.background = background;
        this.clock = clock;
    }

    /** Publishes it, where it is one and the minute has room; at once, whatever becomes of it. */
    public void compared(ShadowComparison comparison) {
        if (comparison.agrees() || !hasRoom(clock.instant())) {
            return;
        }
        ProducerRecord<byte[], byte[]> record = record(comparison);
        waiting.incrementAndGet();
        background.execute(() -> send(record));
    }

    private synchronized boolean hasRoom(Instant now) {
        if (!now.isBefore(minute.plus(MINUTE)) || minute.equals(Instant.MIN)) {
            minute = now;
            inMinute = 0;
        }
        // Each that waits may wait for a minute itself.
        return waiting.get() < MOST_A_MINUTE && inMinute++ < MOST_A_MINUTE;
    }

    private ProducerRecord<byte[], byte[]> record(ShadowComparison comparison) {
        ClassificationRequest request = comparison.request().request();
        ClassificationDisagreement event = new ClassificationDisagreement(
                request.requestId(),
                request.imageName(),
                comparison.answering().model(),
                comparison.answer(),
                comparison.shadow(),
                worker,
                clock.instant());
        Headers cause = comparison.request() instanceof PolledRequest polled
                ? polled.place().record().headers()
                : null;
        return EventRecords.of(topic, event, worker, cause);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback gets both outcomes
    private void send(ProducerRecord<byte[], byte[]> record) {
        try {
            opened().send(record, (metadata, why) -> sent(why));
        } catch (RuntimeException why) {
            sent(why);
        } finally {
            waiting.decrementAndGet();
        }
    }

    private synchronized Producer<byte[], byte[]> opened() {
        Producer<byte[], byte[]> open = producer;
        if (open == null) {
            open = opener.get();
            producer = open;
        }
        return open;
    }

    private void sent(@Nullable Exception why) {
        if (why == null) {
            failing.set(false);
        } else if (failing.compareAndSet(false, true)) {
            log.atWarn()
                    .addKeyValue("topic", topic)
                    .addKeyValue("reason", KafkaFaults.text(why))
                    .log("Disagreements of shadows cannot be published");
        }
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            Closing.of(producer).close();
        }
    }
}
