package io.github.finetide.trainer.jobs;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions under one transactional id, through brokers that stay away for minutes. A broker that comes back may have
 * given a transaction up and fenced its producer off, though nobody else holds the id: then the id is taken anew, once it is certain that no other owner has published anything. Used by one thread at a time.
 */
final class Transactions implements AutoCloseable {
    /** A new owner publishes a status at once; on an overloaded machine that took 3 s. */
    private static final int LOOKS_FOR_ANOTHER_OWNER = 10;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5); // nothing is in flight: all sends are awaited
    private static final Logger log = LoggerFactory.getLogger(Transactions.class);

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final String id;
    private final CommitCheck check;
    private final Retrying retrying;
    private Producer<byte[], byte[]> producer;
    private Step step = Step.UNKNOWN;

    /** Where the transaction stands, so that a retry goes on from there. */
    private enum Step {
        UNKNOWN,
        IDLE,
        OPEN,
        COMMITTING,
        /** This producer can do no more. */
        LOST
    }

    /** What the topics say of the id's owners. */
    enum CommitState {
        /** Neither these records nor another owner. */
        NOTHING,
        /** These records. */
        COMMITTED,
        /** Another owner. */
        ANOTHER
    }

    /** Reads what was committed, where the producer cannot know any more. */
    @FunctionalInterface
    interface CommitCheck {
        /** Throws KafkaException where Kafka does not answer. */
        CommitState of(List<ProducerRecord<byte[], byte[]>> records);
    }

    /**
     * An id that is not taken yet; {@link #take} takes it.
     *
     * @param id for the log
     * @param producers makes a new producer under the id
     */
    Transactions(String id, Supplier<Producer<byte[], byte[]>> producers, CommitCheck check, Retrying retrying) {
        this.id = id;
        this.producers = producers;
        this.check = check;
        this.retrying = retrying;
        this.producer = producers.get();
    }

    /**
     * Takes the id; whoever had it is fenced off.
     *
     * @throws KafkaException where the broker stays away
     */
    void take() {
        retrying("take the job", List.of(), () -> {
            producer.initTransactions();
            step = Step.IDLE;
        });
    }

    /**
     * Publishes these records in one transaction and waits until they are committed.
     *
     * @throws FencedException if another worker has the id
     * @throws KafkaException where the broker stays away
     */
    void publish(List<ProducerRecord<byte[], byte[]>> records) {
        retrying("publish events", records, () -> transact(() -> records.forEach(this::send)));
    }

    /** Publishes a record and, in the same transaction, those that follow from its offset. */
    void publish(ProducerRecord<byte[], byte[]> first, LongFunction<List<ProducerRecord<byte[], byte[]>>> rest) {
        retrying(
                "publish events",
                List.of(),
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
            abort();
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

    private void abort() {
        try {
            producer.abortTransaction();
            step = Step.IDLE;
        } catch (TimeoutException | InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            step = Step.LOST;
            throw e;
        }
    }

    private void retrying(String doing, List<ProducerRecord<byte[], byte[]>> records, Runnable action) {
        Instant began = retrying.clock().instant();
        for (int failures = 1; ; failures++) {
            try {
                if (step != Step.LOST || !regain(records)) {
                    action.run();
                }
                retrying.obstacle().gone();
                return;
            } catch (KafkaException | IllegalStateException e) {
                retrying.obstacle().met(doing + " under the transactional id " + id, e);
                examine(doing, e);
                Duration inVain = Duration.between(began, retrying.clock().instant());
                if (retrying.policy().isOver(inVain) || retrying.pause(failures)) {
                    throw new KafkaException("Kafka did not let this worker " + doing, e);
                }
            }
        }
    }

    /** Decides how to go on; a commit that timed out is repeated, all else is aborted first. */
    private void examine(String doing, RuntimeException e) {
        if (e instanceof InterruptException) {
            throw e;
        } else if (has(e, AuthorizationException.class)
                || has(e, AuthenticationException.class)
                || has(e, InvalidTxnTimeoutException.class)) {
            throw new KafkaException("Kafka does not allow this worker to " + doing + " as " + id, e);
        }
        log.atDebug().setCause(e).addKeyValue("doing", doing).log("Kafka refused, trying again");
        boolean fenced = has(e, ProducerFencedException.class) || has(e, InvalidProducerEpochException.class);
        if (step != Step.UNKNOWN && (fenced || e instanceof IllegalStateException)) {
            step = Step.LOST;
        } else if (step == Step.COMMITTING && !(e instanceof TimeoutException)) {
            step = Step.OPEN;
        }
    }

    private static boolean has(Throwable e, Class<? extends Throwable> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    /** Takes the id again where nobody else did; returns whether the records turn out to be committed. */
    private boolean regain(List<ProducerRecord<byte[], byte[]>> records) {
        for (int look = 1; look <= LOOKS_FOR_ANOTHER_OWNER; look++) {
            requireNoOther(records);
            if (retrying.pause(1)) {
                throw new FencedException("the worker stops, and may have lost the job");
            }
        }
        log.warn("No other worker has the job: taking it again");
        producer.close(Duration.ZERO);
        producer = producers.get();
        producer.initTransactions();
        boolean committed = requireNoOther(records) == CommitState.COMMITTED;
        step = Step.IDLE;
        return committed;
    }

    private CommitState requireNoOther(List<ProducerRecord<byte[], byte[]>> records) {
        CommitState state = check.of(records);
        if (state == CommitState.ANOTHER) {
            throw new FencedException("the job has another owner");
        }
        return state;
    }

    @Override
    public void close() {
        retrying.obstacle().left();
        producer.close(CLOSE_LIMIT);
    }
}
