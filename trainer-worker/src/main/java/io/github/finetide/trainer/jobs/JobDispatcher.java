package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.Topics;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.trainer.training.Training;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what a record of the job queue asks for, and has it done. */
final class JobDispatcher implements JobHandler {
    private static final Logger log = LoggerFactory.getLogger(JobDispatcher.class);

    private final World world;
    private final Training training;
    private final TrainingMetrics metrics;
    private volatile @Nullable JobAttempt current;

    /**
     * What a runner needs of the world.
     *
     * @param glance reads what can be seen of the status topic at once
     * @param statuses reads the status topic to its end, which may take until somebody's transaction ends
     * @param claims makes an ownership that is not taken yet
     * @param malformed answers records that are no jobs
     */
    record World(
            Topics topics,
            String worker,
            Supplier<StatusView> glance,
            Supplier<StatusView> statuses,
            Claims claims,
            Refusals refusals,
            TopicRefusals malformed,
            CommandLog commands,
            Metrics metrics,
            StopSignal stopping,
            Clock clock) {}

    /** Makes an ownership of a job that is not taken yet. */
    @FunctionalInterface
    interface Claims {
        JobOwnership of(String jobId, Transactions.CommitCheck witness);
    }

    JobDispatcher(World world, Training training, TrainingMetrics metrics) {
        this.world = world;
        this.training = training;
        this.metrics = metrics;
    }

    @Override
    public JobAcknowledgement handle(ConsumerRecord<byte[], byte[]> record) {
        JobRecords events = new JobRecords(world.topics(), world.worker(), record);
        try {
            return record.value() == null ? JobAcknowledgement.DONE : handle(events);
        } catch (FencedException e) {
            log.warn("The job at offset {} has another owner; left alone: {}", record.offset(), e.getMessage());
        } catch (FaultException | KafkaException e) {
            log.error("Kafka stayed away; the job at offset {} stays in the queue: {}", record.offset(), e.toString());
            world.stopping().await(Transactions.BACK_OFF);
        }
        return JobAcknowledgement.LOST;
    }

    @Override
    public JobAcknowledgement giveAway() {
        JobAttempt attempt = current;
        return attempt == null ? JobAcknowledgement.LOST : attempt.giveAway();
    }

    private JobAcknowledgement handle(JobRecords events) {
        TrainingJob job;
        try {
            job = Json.read(events.cause().value(), TrainingJob.class);
        } catch (FaultException e) {
            return world.malformed().answerNow(events.cause(), e) ? JobAcknowledgement.DONE : JobAcknowledgement.LOST;
        }
        return decide(job, job.digest(), events, world.glance().get());
    }

    private JobAcknowledgement decide(TrainingJob job, String digest, JobRecords events, StatusView statuses) {
        long offset = events.cause().offset();
        return switch (statuses.judge(job, digest, offset)) {
            case ENDED, SUPERSEDED -> JobAcknowledgement.DONE;
            case DONE_BEFORE -> {
                statuses.doneBefore(job, digest)
                        .ifPresent(done -> world.refusals().answerAgain(events, done));
                yield JobAcknowledgement.DONE;
            }
            case NAME_TAKEN -> refused(events, nameTaken(job), digest, statuses.standing(job.jobId()));
            case RUN -> own(job, digest, events);
        };
    }

    private static FaultException nameTaken(TrainingJob job) {
        return FaultException.invalid("jobId", job.jobId(), "a name that no other job has used");
    }

    private JobAcknowledgement own(TrainingJob job, String digest, JobRecords events) {
        StatusTopicCheck witness = new StatusTopicCheck(
                world.statuses(),
                events.topics().trainingStatus(),
                job,
                digest,
                events.cause().offset());
        try (JobOwnership ownership = world.claims().of(job.jobId(), witness)) {
            ownership.take();
            StatusView statuses = world.statuses().get(); // what a former owner said before it was fenced off
            if (statuses.judge(job, digest, events.cause().offset()) != StatusView.Verdict.RUN) {
                return decide(job, digest, events, statuses);
            }
            JobAttempt attempt = new JobAttempt(world, job, events, ownership, training, metrics);
            metrics.activeJobs(1);
            current = attempt;
            try {
                return attempt.run(statuses, digest);
            } finally {
                current = null;
                metrics.activeJobs(0);
            }
        }
    }

    private JobAcknowledgement refused(
            JobRecords events, FaultException why, String digest, Optional<JobStatus> standing) {
        log.warn("Refused the job at offset {}: {}", events.cause().offset(), why.getMessage());
        world.refusals().refuse(events, why, digest, standing);
        world.metrics().deadLetter(events.topics().trainingJobs(), why.kind());
        metrics.jobEnded(JobState.FAILED);
        return JobAcknowledgement.DONE;
    }
}
