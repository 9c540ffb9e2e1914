package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.EventRecords;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * Answers records that are no jobs to run: a dead letter and, where it can be read whom to answer, a FAILED status.
 * Not under the job's transactional id, which may belong to a good job of the same name that runs elsewhere.
 */
final class Refusals {
    private static final int MAX_WARNINGS = 20; // somebody may submit the same wrong job every minute

    private final Producer<byte[], byte[]> producer;
    private final String worker;
    private final InstantSource clock;

    /** Answers through a producer outside transactions. */
    Refusals(Producer<byte[], byte[]> producer, String worker, InstantSource clock) {
        this.producer = producer;
        this.worker = worker;
        this.clock = clock;
    }

    /**
     * Refuses a record.
     *
     * @param digest of the job
     * @param lasting the final status of another job of this name: published again at the end, because the compacted topic
     *     keeps one status a name
     */
    void refuse(JobRecords events, FaultException why, String digest, Optional<JobStatus> lasting) {
        send(answer(events, why, digest, lasting));
    }

    /** What refuses a record; digest null where it is no job. */
    List<ProducerRecord<byte[], byte[]>> answer(
            JobRecords events, FaultException why, @Nullable String digest, Optional<JobStatus> lasting) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(events.deadLetter(why, 1));
        byte @Nullable [] value = events.cause().value(); // memory may not have held it
        Optional.ofNullable(value)
                .flatMap(bytes -> Json.peek(bytes, "jobId"))
                .ifPresent(jobId -> records.add(events.status(failed(jobId, why, digest, events))));
        lasting.ifPresent(status ->
                records.add(EventRecords.of(events.topics().trainingStatus(), staying(status, events), worker, null)));
        return records;
    }

    /** The result that stays a name's last status, and what else was submitted under the name. */
    private JobStatus staying(JobStatus status, JobRecords events) {
        Stream<String> before = status.warnings() == null ? Stream.empty() : status.warnings().stream();
        Stream<String> added =
                Stream.of(JobRecords.refusedNamesake(events.cause().offset()));
        List<String> warnings = Stream.concat(before, added).distinct().toList();
        int first = Math.max(0, warnings.size() - MAX_WARNINGS);
        return status.with()
                .updatedAt(clock.instant())
                .warnings(warnings.subList(first, warnings.size()))
                .build();
    }

    /** Publishes the result of a job again that was done before. */
    void answerAgain(JobRecords events, JobStatus done) {
        send(List.of(events.status(again(done, events))));
    }

    private JobStatus failed(String jobId, FaultException why, @Nullable String digest, JobRecords events) {
        Instant now = clock.instant();
        return JobStatus.builder(jobId, JobState.FAILED, now)
                .model(Json.peek(events.cause().value(), "model").orElse(null))
                .worker(worker)
                .attempt(1)
                .sequence(1)
                .startedAt(now)
                .finishedAt(now)
                .error(why.detail())
                .jobDigest(digest)
                .jobOffset(events.cause().offset())
                .jobTopicId(events.topicId().isEmpty() ? null : events.topicId())
                .build();
    }

    private JobStatus again(JobStatus done, JobRecords events) {
        return done.with()
                .etaSeconds(null)
                .updatedAt(clock.instant())
                .error(null)
                .reason("done before, at offset " + done.jobOffset())
                .jobOffset(events.cause().offset())
                .jobTopicId(events.topicId())
                .build();
    }

    /** Sends in order and waits for all; throws KafkaException where one is not taken. */
    void send(List<ProducerRecord<byte[], byte[]>> records) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        records.forEach(record -> sent.add(producer.send(record)));
        for (Future<RecordMetadata> future : sent) {
            try {
                future.get();
            } catch (ExecutionException e) {
                throw new KafkaException("a record could not be sent: " + e.getCause(), e);
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }
    }
}
