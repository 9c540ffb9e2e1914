package io.github.finetide.inference.requests;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one producer at a time that results are published with; after one that failed, the next. */
public final class ResultProducer {
    /** For what has been sent to arrive, when the worker ends. */
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private static final Logger log = LoggerFactory.getLogger(ResultProducer.class);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final Function<Producer<byte[], byte[]>, AutoCloseable> metrics;
    private volatile @Nullable Producer<byte[], byte[]> current;
    private @Nullable AutoCloseable currentMetrics;

    /**
     * @param producers makes new ones, transactions not initialised yet
     * @param metrics shows a producer's metrics until closed
     */
    public ResultProducer(
            Supplier<Producer<byte[], byte[]>> producers, Function<Producer<byte[], byte[]>, AutoCloseable> metrics) {
        this.producers = producers;
        this.metrics = metrics;
    }

    /**
     * Makes one with transactions initialised, if there is none: what this worker left open under its id, in a life
     * before or with a producer that failed, has ended then.
     *
     * @return whether there was none
     * @throws KafkaException where that cannot be done now
     */
    boolean open() {
        if (current != null) {
            return false;
        }
        Producer<byte[], byte[]> created = producers.get();
        try {
            created.initTransactions();
        } catch (KafkaException why) {
            created.close(Duration.ZERO);
            throw why;
        }
        current = created;
        currentMetrics = metrics.apply(created);
        return true;
    }

    boolean isOpen() {
        return current != null;
    }

    Producer<byte[], byte[]> require() {
        boolean unused = open();
        return Objects.requireNonNull(current, "just opened");
    }

    /** Without waiting for anything: nobody knows what became of its last transaction. */
    void discard() {
        close(Duration.ZERO);
    }

    /** From any thread: whatever its producer is waiting for fails now. */
    public void giveUp() {
        Producer<byte[], byte[]> useless = current;
        if (useless != null) {
            useless.close(Duration.ZERO);
        }
    }

    void close() {
        close(CLOSE_LIMIT);
    }

    private void close(Duration limit) {
        Producer<byte[], byte[]> former = current;
        if (former != null) {
            former.close(limit);
            current = null;
        }
        closeMetrics();
    }

    private void closeMetrics() {
        AutoCloseable shown = currentMetrics;
        currentMetrics = null;
        try {
            if (shown != null) {
                shown.close();
            }
        } catch (Exception unshown) {
            log.atWarn().addKeyValue("reason", unshown).log("Metrics of a closed producer stay");
        }
    }
}
