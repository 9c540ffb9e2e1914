package io.github.finetide.trainer.jobs;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The right to publish for a job: its transactional id. Taking it fences every earlier owner, also one that was only paused;
 * what is published together is seen together or not at all, and in the order in which it was published. Used by the
 * job's thread; any thread may {@link #giveAway}.
 */
final class JobOwnership implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5); // it was interrupted
    private static final Logger log = LoggerFactory.getLogger(JobOwnership.class);

    private final Transactions transactions;
    private final ReentrantLock speaking = new ReentrantLock();
    private final ExecutorService aside = Executors.newSingleThreadExecutor(JobOwnership::daemon);
    private @Nullable Future<?> offered;
    private volatile boolean givenAway;

    /** Makes an ownership of a job that is not taken yet. */
    @FunctionalInterface
    interface Claims {
        /**
         * An ownership that is not taken yet.
         *
         * @param check finds out what was committed, where the owner cannot know any more
         */
        JobOwnership of(String jobId, Transactions.CommitCheck check);
    }

    /** A claim that is not made yet; {@link #take} makes it. */
    public JobOwnership(Transactions transactions) {
        this.transactions = transactions;
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "job-progress");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Becomes the job's owner.
     *
     * @throws KafkaException where the broker stays away
     */
    void take() {
        speak(transactions::take);
    }

    /**
     * Publishes these records in one transaction and waits until they are committed.
     *
     * @throws FencedException if another worker owns the job
     * @throws KafkaException where the broker stays away
     */
    void publish(List<ProducerRecord<byte[], byte[]>> records) {
        awaitOffered();
        speak(() -> transactions.publish(records));
    }

    /**
     * The same for records that are made when nothing else is published any more.
     *
     * @param committed runs before anything else can be published
     */
    void publish(Supplier<List<ProducerRecord<byte[], byte[]>>> records, Runnable committed) {
        awaitOffered();
        speak(() -> {
            transactions.publish(records.get());
            committed.run();
        });
    }

    /** Publishes a record and, in the same transaction, those that follow from its offset. */
    void publish(ProducerRecord<byte[], byte[]> first, LongFunction<List<ProducerRecord<byte[], byte[]>>> rest) {
        awaitOffered();
        speak(() -> transactions.publish(first, rest));
    }

    /**
     * Publishes a record meanwhile, so that a broker which is away keeps nobody from working.
     *
     * @return false where the one before is still on its way: then this one is left out
     * @throws FencedException if that one found that another worker owns the job
     */
    boolean offer(ProducerRecord<byte[], byte[]> record) {
        if (offered != null && !offered.isDone()) {
            return false;
        }
        awaitOffered();
        offered = aside.submit(() -> speak(() -> transactions.publish(List.of(record))));
        return true;
    }

    private void awaitOffered() {
        Future<?> before = offered;
        offered = null;
        if (before != null) {
            try {
                before.get();
            } catch (ExecutionException e) {
                throw e.getCause() instanceof RuntimeException failed ? failed : new KafkaException(e.getCause());
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
    }

    private void speak(Runnable words) {
        speaking.lock();
        try {
            if (givenAway) {
                throw new FencedException("this worker gave the job away");
            }
            words.run();
        } finally {
            speaking.unlock();
        }
    }

    /**
     * Publishes the owner's last record, after which the job's own thread can publish nothing more, whatever it is doing
     * now.
     *
     * @param record is made when nothing else is published any more
     * @param limit for waiting until what is being published is done
     * @return whether it was published
     */
    boolean giveAway(Supplier<ProducerRecord<byte[], byte[]>> record, Duration limit) {
        try {
            if (speaking.tryLock(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    givenAway = true;
                    transactions.publish(List.of(record.get()));
                    return true;
                } finally {
                    speaking.unlock();
                }
            }
        } catch (FencedException | KafkaException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        givenAway = true;
        return false;
    }

    @Override
    public void close() {
        givenAway = true;
        aside.shutdownNow();
        try {
            if (!aside.awaitTermination(CLOSE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("A status is still being published");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        transactions.close();
    }
}
