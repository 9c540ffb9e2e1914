package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.Topics;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.metrics.Metrics;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The answer to a record of the job queue that is no job: a dead letter and, where it can be read whom to answer, a
 * FAILED status.
 *
 * @param lasting the status that shall stay the last one of a name
 */
record MalformedJobs(
        Topics topics,
        String worker,
        Refusals refusals,
        Function<String, Optional<JobStatus>> lasting,
        Metrics metrics,
        TrainingMetrics trainingMetrics)
        implements TopicRefusals.Answers {

    @Override
    public List<ProducerRecord<byte[], byte[]>> to(
            String topicId, ConsumerRecord<byte[], byte[]> cause, FaultException why) {
        Optional<JobStatus> last = jobId(cause).flatMap(lasting);
        return refusals.answer(new JobRecords(topics, worker, topicId, cause), why, null, last);
    }

    /** Whom to answer; a record that memory cannot hold has no value here. */
    private static Optional<String> jobId(ConsumerRecord<byte[], byte[]> cause) {
        return cause.value() == null ? Optional.empty() : Json.peek(cause.value(), "jobId");
    }

    @Override
    public void published(ConsumerRecord<byte[], byte[]> cause, FaultException why) {
        metrics.deadLetter(cause.topic(), why.kind());
        trainingMetrics.jobEnded(JobState.FAILED);
    }
}
