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
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
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
    private static final Duration BACK_OFF = Duration.ofSeconds(1);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);
    private static final Logger log = LoggerFactory.getLogger(JobQueue.class);

    private final Supplier<ShareConsumer<byte[], byte[]>> members;
    private final String topic;
    private final Duration renewal;
    private final JobHandler handler;
    private final StopSignal stopping;

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
            StopSignal stopping) {
        this.members = members;
        this.topic = topic;
        this.renewal = lock.dividedBy(RENEWALS_PER_LOCK);
        this.handler = handler;
        this.stopping = stopping;
    }

    /** Works until told to stop; returns when what was in hand is settled. */
    void run() {
        ExecutorService jobs = Executors.newSingleThreadExecutor(work -> new Thread(work, "job"));
        try {
            while (!stopping.isRequested()) {
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
        } catch (KafkaException | FaultException e) { // the latter where the brokers' names cannot be looked up
            log.warn("The job queue failed, joining again: {}", e.toString());
            stopping.await(BACK_OFF);
        }
    }

    /** Returns when told to stop, or when the member no longer knows what it holds. */
    private void serve(ShareConsumer<byte[], byte[]> member, ExecutorService jobs) {
        while (!stopping.isRequested()) {
            for (ConsumerRecord<byte[], byte[]> record : member.poll(POLL)) {
                if (!work(member, record, jobs)) {
                    return;
                }
            }
        }
    }

    /** Returns whether the record was settled with the group. */
    private boolean work(
            ShareConsumer<byte[], byte[]> member, ConsumerRecord<byte[], byte[]> record, ExecutorService jobs) {
        Future<JobAcknowledgement> job = jobs.submit(() -> handler.handle(record));
        @Nullable ConsumerRecord<byte[], byte[]> held = record;
        long renewAt = System.nanoTime() + renewal.toNanos();
        while (true) {
            try {
                long wait = Math.min(renewAt - System.nanoTime(), LOOK_UP.toNanos());
                return settle(member, held, job.get(wait, TimeUnit.NANOSECONDS));
            } catch (TimeoutException e) {
                if (stopping.isLate()) {
                    return settle(member, held, handler.giveAway());
                } else if (System.nanoTime() >= renewAt) {
                    held = held == null ? null : renewed(member, held);
                    renewAt = System.nanoTime() + renewal.toNanos();
                }
            } catch (ExecutionException e) {
                log.error("A job failed in a way nobody expected; its record stays in the queue", e.getCause());
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    /** The record as the group hands it out again after its lock was renewed; null where the lock is lost. */
    private @Nullable ConsumerRecord<byte[], byte[]> renewed(
            ShareConsumer<byte[], byte[]> member, ConsumerRecord<byte[], byte[]> held) {
        try {
            member.acknowledge(held, AcknowledgeType.RENEW);
            if (committed(member)) {
                for (ConsumerRecord<byte[], byte[]> record : member.poll(POLL)) {
                    if (record.offset() == held.offset()) {
                        return record;
                    }
                    member.acknowledge(record, AcknowledgeType.RELEASE);
                }
            }
            log.warn("Lost the lock of the job at offset {}; working on", held.offset());
        } catch (KafkaException | IllegalStateException e) {
            log.warn("Lost the lock of the job at offset {}; working on: {}", held.offset(), e.toString());
        }
        return null;
    }

    private boolean settle(
            ShareConsumer<byte[], byte[]> member,
            @Nullable ConsumerRecord<byte[], byte[]> held,
            JobAcknowledgement disposition) {
        if (held == null || disposition == JobAcknowledgement.LOST) {
            return false;
        }
        try {
            boolean done = disposition == JobAcknowledgement.DONE;
            member.acknowledge(held, done ? AcknowledgeType.ACCEPT : AcknowledgeType.RELEASE);
            return committed(member);
        } catch (KafkaException | IllegalStateException e) {
            log.warn("The record at offset {} will come again: {}", held.offset(), e.toString());
            return false;
        }
    }

    /** {@code commitSync} returns failures, it does not throw them. */
    private boolean committed(ShareConsumer<byte[], byte[]> member) {
        Map<TopicIdPartition, Optional<KafkaException>> results = member.commitSync(renewal);
        results.values().forEach(failure -> failure.ifPresent(e -> log.warn("Not acknowledged: {}", e.toString())));
        return results.values().stream().allMatch(Optional::isEmpty);
    }

    private static void close(ShareConsumer<byte[], byte[]> member) {
        try {
            member.close(CLOSE_LIMIT);
        } catch (KafkaException e) {
            log.warn("Left the job queue uncleanly: {}", e.toString());
        }
    }
}
