package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.Topics;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.runtime.RetryPolicy;
import java.time.InstantSource;

/**
 * What all jobs of a worker share.
 *
 * @param worker its id
 * @param malformed answers records that are no jobs
 * @param outages how long a job waits for what is away
 * @param held how a job that Kafka does not let this worker do is tried again
 */
record JobContext(
        Topics topics,
        String worker,
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
