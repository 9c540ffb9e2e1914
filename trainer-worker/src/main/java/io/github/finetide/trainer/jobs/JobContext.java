package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.ModelWeights;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.runtime.RetryPolicy;
import io.github.finetide.tracing.Tracing;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What all jobs of a worker share.
 *
 * @param worker its id
 * @param jobsTopicId asks Kafka for the id of the jobs' topic; throws KafkaException or FaultException where it is away
 * @param malformed answers records that are no jobs
 * @param releases finds what a model is released as; throws KafkaException where the topic cannot be read
 * @param tracing off, or how jobs are traced
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
        Function<ModelWeights, Optional<ModelRelease>> releases,
        Tracing tracing,
        RetryPolicy outages,
        Retrying held,
        StopSignal stopping,
        InstantSource clock) {}
