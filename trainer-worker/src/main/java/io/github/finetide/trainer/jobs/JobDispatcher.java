package io.github.finetide.trainer.jobs;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.training.Training;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides what a record of the job queue asks for, and has it done. */
final class JobDispatcher implements JobHandler {
    private static final Logger log = LoggerFactory.getLogger(JobDispatcher.class);

    private final JobContext context;
    private final Training training;
    private volatile @Nullable JobAttempt current;

    JobDispatcher(JobContext context, Training training) {
        this.context = context;
        this.training = training;
    }

    @Override
    public JobAcknowledgement handle(ConsumerRecord<byte[], byte[]> record) {
        JobRecords events = new JobRecords(context.topics(), context.worker(), record);
        try {
            return record.value() == null ? JobAcknowledgement.DONE : handle(events);
        } catch (FencedException e) {
            log.warn("The job at offset {} has another owner; left alone: {}", record.offset(), e.getMessage());
        } catch (FaultException | KafkaException e) {
            log.error("Kafka stayed away; the job at offset {} stays in the queue: {}", record.offset(), e.toString());
            context.stopping().await(Transactions.BACK_OFF);
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
            return context.malformed().answerNow(events.cause(), e) ? JobAcknowledgement.DONE : JobAcknowledgement.LOST;
        }
        return decide(job, job.digest(), events, context.statuses().glance());
    }

    private JobAcknowledgement decide(TrainingJob job, String digest, JobRecords events, StatusView statuses) {
        long offset = events.cause().offset();
        return switch (statuses.judge(job, digest, offset)) {
            case ENDED, SUPERSEDED -> JobAcknowledgement.DONE;
            case DONE_BEFORE -> {
                statuses.doneBefore(job, digest)
                        .ifPresent(done -> context.refusals().answerAgain(events, done));
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
                context.statuses()::current,
                events.topics().trainingStatus(),
                job,
                digest,
                events.cause().offset());
        try (JobOwnership ownership = context.claims().of(job.jobId(), witness)) {
            ownership.take();
            StatusView statuses = context.statuses().current(); // what a former owner said before it was fenced off
            if (statuses.judge(job, digest, events.cause().offset()) != StatusView.Verdict.RUN) {
                return decide(job, digest, events, statuses);
            }
            JobAttempt attempt = new JobAttempt(context, job, events, ownership, training);
            context.trainingMetrics().activeJobs(1);
            current = attempt;
            try {
                return attempt.run(statuses, digest);
            } finally {
                current = null;
                context.trainingMetrics().activeJobs(0);
            }
        }
    }

    private JobAcknowledgement refused(
            JobRecords events, FaultException why, String digest, Optional<JobStatus> standing) {
        log.warn("Refused the job at offset {}: {}", events.cause().offset(), why.getMessage());
        context.refusals().refuse(events, why, digest, standing);
        context.metrics().deadLetter(events.topics().trainingJobs(), why.kind());
        context.trainingMetrics().jobEnded(JobState.FAILED);
        return JobAcknowledgement.DONE;
    }
}
