package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.Topics;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.runtime.RetryPolicy;
import java.time.InstantSource;
import java.util.function.Supplier;

/**
 * What all jobs of a worker share.
 *
 * @param worker its id
 * @param jobsTopicId asks Kafka for the id of the jobs' topic; throws KafkaException or FaultException where it is away
 * @param malformed answers records that are no jobs
 * @param outages how long a job waits for what is away
 * @param held how a job that Kafka does not let this worker do is tried again
 */
record JobContext(
        Topics topics,
        String worker,
        Supplier<String> jobsTopicId,
        StatusView.Source statuses,
        JobOwnership.Claims claims,
        Refusals refusals,
        TopicRefusals malformed,
        CommandLog commands,
        Metrics metrics,
        TrainingMetrics trainingMetrics,
        RetryPolicy outages,
        Retrying held,
        StopSignal stopping,
        InstantSource clock) {}
