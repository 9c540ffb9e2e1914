package io.github.finetide.trainer;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to speak for a job: its transactional id. Taking it shuts every former owner up, even one that only slept;
 * what is published together is seen together or not at all.
 */
final class Ownership implements AutoCloseable {
    /** A broker may be away for minutes (an upgrade, a new leader); after this the job goes back to the queue. */
    static final Duration BROKER_AWAY_LIMIT = Duration.ofMinutes(15);

    /** Between two tries, where Kafka does not answer. */
    static final Duration BACK_OFF = Duration.ofSeconds(1);

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5); // nothing is in flight: all sends are awaited
    private static final Logger log = LoggerFactory.getLogger(Ownership.class);

    private final Producer<byte[], byte[]> producer;
    private final Stopping stopping;
    private final Clock clock;
    private Step step = Step.UNKNOWN;

    /** Where the transaction stands, so that a retry goes on from there. */
    private enum Step {
        UNKNOWN,
        IDLE,
        OPEN,
        COMMITTING
    }

    /** A claim that is not made yet; {@link #take} makes it. */
    Ownership(Producer<byte[], byte[]> producer, Stopping stopping, Clock clock) {
        this.producer = producer;
        this.stopping = stopping;
        this.clock = clock;
    }

    /**
     * Becomes the job's owner.
     *
     * @throws KafkaException where the broker stays away
     */
    void take() {
        retrying("take the job", () -> {
            producer.initTransactions();
            step = Step.IDLE;
        });
    }

    /**
     * Publishes these records in one transaction and waits until they are committed.
     *
     * @throws FencedException if another worker owns the job
     * @throws KafkaException where the broker stays away
     */
    void publish(List<ProducerRecord<byte[], byte[]>> records) {
        retrying("publish events", () -> transact(() -> records.forEach(this::send)));
    }

    /** Publishes a record and, in the same transaction, those that follow from its offset. */
    void publish(ProducerRecord<byte[], byte[]> first, LongFunction<List<ProducerRecord<byte[], byte[]>>> rest) {
        retrying(
                "publish events",
                () -> transact(() -> {
                    long offset = sent(first);
                    rest.apply(offset).forEach(this::send);
                }));
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        Future<RecordMetadata> unused = producer.send(record); // a failure surfaces in the commit
    }

    private long sent(ProducerRecord<byte[], byte[]> record) {
        try {
            return producer.send(record).get().offset();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException failed ? failed : new KafkaException(e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private void transact(Runnable sends) {
        if (step == Step.OPEN) {
            producer.abortTransaction();
            step = Step.IDLE;
        }
        if (step == Step.IDLE) {
            producer.beginTransaction();
            step = Step.OPEN;
            sends.run();
            step = Step.COMMITTING;
        }
        producer.commitTransaction();
        step = Step.IDLE;
    }

    private void retrying(String doing, Runnable action) {
        Instant giveUp = clock.instant().plus(BROKER_AWAY_LIMIT);
        while (true) {
            try {
                action.run();
                return;
            } catch (KafkaException e) {
                examine(doing, e);
                if (clock.instant().isAfter(giveUp) || stopping.await(BACK_OFF)) {
                    throw new KafkaException("Kafka did not let this worker " + doing, e);
                }
            }
        }
    }

    /** Decides whether trying again makes sense; a commit that timed out may be repeated, all else is aborted first. */
    private void examine(String doing, KafkaException e) {
        if (isFinal(e)) {
            throw new FencedException(e);
        } else if (e instanceof InterruptException) {
            throw e;
        }
        log.warn("Kafka did not {}, trying again: {}", doing, e.toString());
        if (step == Step.COMMITTING && !(e instanceof TimeoutException)) {
            step = Step.OPEN;
        }
    }

    private static boolean isFinal(Throwable e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProducerFencedException
                    || cause instanceof AuthorizationException
                    || cause instanceof AuthenticationException) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        producer.close(CLOSE_LIMIT);
    }
}
