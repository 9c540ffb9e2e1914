package io.github.finetide.trainer.jobs;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.training.Training;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
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

    /**
     * While something is missing that a job's end or refusal needs (a right, a topic's leader), its record is held: the
     * queue would count every hand-back, and drop the record after the tenth.
     */
    @Override
    public JobAcknowledgement handle(ConsumerRecord<byte[], byte[]> record, BooleanSupplier isLocked) {
        for (int failures = 1; ; failures++) {
            try {
                JobAcknowledgement acknowledgement = tried(record);
                context.held().obstacle().gone();
                return acknowledgement;
            } catch (FencedException e) {
                log.atInfo()
                        .addKeyValue("offset", record.offset())
                        .addKeyValue("reason", e.getMessage())
                        .log("The job has another owner, left alone");
                context.held().obstacle().left();
                return JobAcknowledgement.LOST;
            } catch (FaultException | KafkaException e) {
                context.held().obstacle().met("work on the job at offset " + record.offset(), e);
            }
            JobRecords events = new JobRecords(context.topics(), context.worker(), "", record);
            if (events.isLastDelivery() && queuedAgain(events)) {
                context.held().obstacle().left();
                return JobAcknowledgement.DONE;
            } else if (!isLocked.getAsBoolean() || context.held().pause(failures)) {
                context.held().obstacle().left();
                return JobAcknowledgement.LOST;
            }
        }
    }

    private JobAcknowledgement tried(ConsumerRecord<byte[], byte[]> record) {
        String topicId = context.jobsTopicId().get();
        try {
            return record.value() == null ? JobAcknowledgement.DONE : handle(topicId, record);
        } catch (FencedException | FaultException | KafkaException e) {
            throw e;
        } catch (RuntimeException | VirtualMachineError | LinkageError e) {
            log.atError().setCause(e).addKeyValue("offset", record.offset()).log("An error in this program");
            ErrorKind kind = e instanceof OutOfMemoryError ? ErrorKind.OUT_OF_MEMORY : ErrorKind.INTERNAL;
            context.malformed().answerNow(topicId, record, new FaultException(kind, e.toString(), e));
            return JobAcknowledgement.DONE;
        }
    }

    /** The record once more, without a status: who cannot write one can perhaps write this. */
    private boolean queuedAgain(JobRecords events) {
        try {
            context.refusals().send(List.of(events.again()));
            log.atWarn()
                    .addKeyValue("offset", events.cause().offset())
                    .log("Queued a job again that cannot be worked on");
            return true;
        } catch (KafkaException e) {
            context.held()
                    .obstacle()
                    .met("queue the job at offset " + events.cause().offset() + " again", e);
            return false;
        }
    }

    @Override
    public JobAcknowledgement giveAway() {
        JobAttempt attempt = current;
        return attempt == null ? JobAcknowledgement.LOST : attempt.giveAway();
    }

    private JobAcknowledgement handle(String topicId, ConsumerRecord<byte[], byte[]> record) {
        TrainingJob job;
        try {
            job = Json.read(record.value(), TrainingJob.class);
        } catch (FaultException e) {
            context.malformed().answerNow(topicId, record, e);
            return JobAcknowledgement.DONE;
        }
        JobRecords events = new JobRecords(context.topics(), context.worker(), topicId, record);
        return decide(job, job.digest(), events, context.statuses().glance());
    }

    private JobAcknowledgement decide(TrainingJob job, String digest, JobRecords events, StatusView statuses) {
        return switch (statuses.judge(job, digest, events.place())) {
            case ENDED, SUPERSEDED -> JobAcknowledgement.DONE;
            case DONE_BEFORE -> {
                statuses.doneBefore(job, digest)
                        .ifPresent(done -> context.refusals().answerAgain(events, done));
                yield JobAcknowledgement.DONE;
            }
            case NAME_TAKEN -> refused(events, nameTaken(job), digest, statuses.lastingStatus(job.jobId()));
            case RUN -> own(job, digest, events);
        };
    }

    private static FaultException nameTaken(TrainingJob job) {
        return FaultException.invalid("jobId", job.jobId(), "a name that no other job has used");
    }

    private JobAcknowledgement own(TrainingJob job, String digest, JobRecords events) {
        StatusTopicCheck check = new StatusTopicCheck(
                context.statuses()::current, events.topics().trainingStatus(), job, digest, events.place());
        try (JobOwnership ownership = context.claims().of(job.jobId(), check)) {
            ownership.take();
            StatusView statuses = context.statuses().current(); // what a former owner said before it was fenced off
            if (statuses.judge(job, digest, events.place()) != StatusView.Verdict.RUN) {
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
            JobRecords events, FaultException why, String digest, Optional<JobStatus> lasting) {
        log.atWarn()
                .addKeyValue("offset", events.cause().offset())
                .addKeyValue("reason", why.getMessage())
                .log("Job refused");
        context.refusals().refuse(events, why, digest, lasting);
        context.metrics().deadLetter(events.topics().trainingJobs(), why.kind());
        context.trainingMetrics().jobEnded(JobState.FAILED);
        return JobAcknowledgement.DONE;
    }
}
