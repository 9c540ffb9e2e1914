package io.github.finetide.trainer.jobs;

import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes jobs off a share group, one at a time, and keeps each locked while it is worked on by another thread. A lock
 * proves nothing: {@link JobOwnership} does. So where it is lost (broker restarted, process stopped) the work goes on, and
 * whoever gets the record next finds out from the job's status what is left to do.
 */
final class JobQueue {
    /** How soon a stop is noticed; a poll that finds a job returns at once. */
    private static final Duration POLL = Duration.ofSeconds(1);

    /** How soon a stop that is late is noticed. */
    private static final Duration LOOK_UP = Duration.ofMillis(500);

    private static final int RENEWALS_PER_LOCK = 3; // two may fail
    /** Whoever lacks a right hears so at the first polls. */
    private static final int JOINED_POLLS = 3;

    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private static final Logger log = LoggerFactory.getLogger(JobQueue.class);

    private final Supplier<ShareConsumer<byte[], byte[]>> members;
    private final String topic;
    private final Duration renewal;
    private final JobHandler handler;
    private final Retrying retrying;
    private int failures;
    /** The record that is worked on, as long as the group keeps it for this worker. */
    private volatile @Nullable ConsumerRecord<byte[], byte[]> held;

    /**
     * A queue that is not read yet.
     *
     * @param members makes a new member of the group: one record a poll, explicit acknowledgement
     * @param lock how long the group locks a record
     */
    JobQueue(
            Supplier<ShareConsumer<byte[], byte[]>> members,
            String topic,
            Duration lock,
            JobHandler handler,
            Retrying retrying) {
        this.members = members;
        this.topic = topic;
        this.renewal = lock.dividedBy(RENEWALS_PER_LOCK);
        this.handler = handler;
        this.retrying = retrying;
    }

    /** Works until stopped; returns when the current record is settled. */
    void run() {
        ExecutorService jobs = Executors.newSingleThreadExecutor(task -> new Thread(task, "job"));
        try {
            while (!retrying.stopping().isRequested()) {
                serveAsNewMember(jobs);
            }
        } finally {
            jobs.shutdown();
        }
    }

    private void serveAsNewMember(ExecutorService jobs) {
        try {
            ShareConsumer<byte[], byte[]> member = members.get();
            try {
                member.subscribe(List.of(topic));
                serve(member, jobs);
            } finally {
                close(member);
            }
        } catch (KafkaException | FaultException | OutOfMemoryError e) { // the second where names cannot be looked up
            if (e instanceof FaultException fault && isRefusedSetting(fault)) {
                throw fault;
            }
            retrying.obstacle().met("take jobs from " + topic, e);
            boolean unused = retrying.pause(++failures);
        }
    }

    /** No waiting mends a setting of this worker's own; a broker's name that cannot be looked up also is a config error. */
    private static boolean isRefusedSetting(FaultException fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConfigException) {
                return !String.valueOf(cause.getMessage()).contains("bootstrap");
            }
        }
        return false;
    }

    /** Returns when stopped, or when the member no longer knows what it holds. */
    private void serve(ShareConsumer<byte[], byte[]> member, ExecutorService jobs) {
        for (int polls = 1; !retrying.stopping().isRequested(); polls++) {
            ConsumerRecords<byte[], byte[]> records = member.poll(POLL);
            if (polls >= JOINED_POLLS || !records.isEmpty()) {
                retrying.obstacle().gone();
                failures = 0;
            }
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (!settled(member, record, jobs)) {
                    return;
                }
            }
        }
    }

    /** Returns whether the record was settled with the group. */
    private boolean settled(
            ShareConsumer<byte[], byte[]> member, ConsumerRecord<byte[], byte[]> record, ExecutorService jobs) {
        held = record;
        Future<JobAcknowledgement> job = jobs.submit(() -> handler.handle(record, () -> held != null));
        long renewAt = System.nanoTime() + renewal.toNanos();
        while (true) {
            try {
                long wait = Math.min(renewAt - System.nanoTime(), LOOK_UP.toNanos());
                return settle(member, job.get(wait, TimeUnit.NANOSECONDS));
            } catch (TimeoutException e) {
                if (retrying.stopping().isLate()) {
                    return settle(member, handler.giveAway());
                } else if (System.nanoTime() >= renewAt) {
                    renew(member);
                    renewAt = System.nanoTime() + renewal.toNanos();
                }
            } catch (ExecutionException e) {
                log.error("Job failed unexpectedly: its record stays in the queue", e.getCause());
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    private void renew(ShareConsumer<byte[], byte[]> member) {
        ConsumerRecord<byte[], byte[]> locked = held;
        held = locked == null ? null : renewed(member, locked);
    }

    /** The record as the group hands it out again after its lock was renewed; null where the lock is lost. */
    private @Nullable ConsumerRecord<byte[], byte[]> renewed(
            ShareConsumer<byte[], byte[]> member, ConsumerRecord<byte[], byte[]> locked) {
        try {
            member.acknowledge(locked, AcknowledgeType.RENEW);
            if (committed(member)) {
                for (ConsumerRecord<byte[], byte[]> record : member.poll(POLL)) {
                    if (record.offset() == locked.offset()) {
                        return record;
                    }
                    member.acknowledge(record, AcknowledgeType.RELEASE);
                }
            }
            lockLost(locked, "the group has not handed it out again");
        } catch (KafkaException | IllegalStateException e) {
            lockLost(locked, e.toString());
        }
        return null;
    }

    private static void lockLost(ConsumerRecord<byte[], byte[]> record, String reason) {
        log.atWarn()
                .addKeyValue("offset", record.offset())
                .addKeyValue("reason", reason)
                .log("Lock of the job lost: its training goes on");
    }

    private boolean settle(ShareConsumer<byte[], byte[]> member, JobAcknowledgement acknowledgement) {
        ConsumerRecord<byte[], byte[]> locked = held;
        if (locked == null || acknowledgement == JobAcknowledgement.LOST) {
            return false;
        }
        try {
            boolean done = acknowledgement == JobAcknowledgement.DONE;
            member.acknowledge(locked, done ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE);
            return committed(member);
        } catch (KafkaException | IllegalStateException e) {
            log.atWarn()
                    .addKeyValue("offset", locked.offset())
                    .addKeyValue("reason", e.toString())
                    .log("Job is not acknowledged: its record will be handed out again");
            return false;
        }
    }

    /** {@code commitSync} returns failures, it does not throw them. */
    private boolean committed(ShareConsumer<byte[], byte[]> member) {
        Map<TopicIdPartition, Optional<KafkaException>> results = member.commitSync(renewal);
        results.values()
                .forEach(failure -> failure.ifPresent(
                        e -> log.atWarn().addKeyValue("reason", e.toString()).log("Acknowledgement failed")));
        return results.values().stream().allMatch(Optional::isEmpty);
    }

    private static void close(ShareConsumer<byte[], byte[]> member) {
        try {
            member.close(CLOSE_LIMIT);
        } catch (KafkaException e) {
            log.atWarn().addKeyValue("reason", e.toString()).log("Job queue not left in good order");
        }
    }
}
