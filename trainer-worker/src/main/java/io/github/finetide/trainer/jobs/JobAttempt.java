package io.github.finetide.trainer.jobs;

import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.tracing.Trace;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.training.Training;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One owner's attempt at a job, from its first status to its last. */
final class JobAttempt {
    /** A job that ended three workers would end a fourth one, too. */
    static final int MAX_CRASHES = 3;

    private static final Duration GIVE_AWAY_LIMIT = Duration.ofSeconds(3); // a transaction takes 10 ms
    private static final Logger log = LoggerFactory.getLogger(JobAttempt.class);

    private final JobContext context;
    private final TrainingJob job;
    private final JobRecords events;
    private final JobOwnership ownership;
    private final Training training;
    private volatile @Nullable JobStatusTracker given;
    private final Trace trace;
    private boolean begun;

    JobAttempt(JobContext context, TrainingJob job, JobRecords events, JobOwnership ownership, Training training) {
        this.context = context;
        this.job = job;
        this.events = events;
        this.ownership = ownership;
        this.training = training;
        trace = context.tracing().begin("train", context.clock().instant(), events::header);
        trace.set("finetide.job_id", job.jobId());
        trace.set("finetide.model", job.model());
    }

    /** See {@link JobHandler#giveAway}. */
    JobAcknowledgement giveAway() {
        JobStatusTracker report = given;
        if (report == null) {
            return JobAcknowledgement.LOST;
        }
        report.because("handed over by " + context.worker() + " in the middle of a batch");
        boolean published = ownership.giveAway(() -> events.status(report.now(JobState.QUEUED)), GIVE_AWAY_LIMIT);
        log.atWarn()
                .addKeyValue("job", job.jobId())
                .addKeyValue("queuedStatusPublished", published)
                .log("No time to finish the batch: the job will resume from its last checkpoint");
        return published ? JobAcknowledgement.RELEASED : JobAcknowledgement.LOST;
    }

    /**
     * A job whose producer's clock is ahead still obeys the commands that come while it runs. That a record takes the place
     * of another counts only where the job has a status: a forged header brings no old command to life.
     */
    private Instant queuedAt(@Nullable JobStatus last, JobStatusTracker report) {
        Instant queued = last == null ? events.sentAt() : events.queuedAt();
        return queued.isAfter(report.startedAt()) ? report.startedAt() : queued;
    }

    JobAcknowledgement run(StatusView statuses, String digest) {
        @Nullable JobStatus last = statuses.of(job.jobId(), events.place()).orElse(null);
        JobStatusTracker report = new JobStatusTracker(job, digest, events, last, context.clock());
        statuses.weightsFrom(job, digest).ifPresent(report::startsFrom);
        given = report;
        JobControl control = new JobControl(
                context.commands(),
                job,
                queuedAt(last, report),
                report.startedAt(),
                context.stopping(),
                context.clock());
        if (control.isCancelled()) {
            return ended(
                    report, new JobEnding(JobState.CANCELLED, control.reason(), Optional.empty(), Optional.empty()));
        } else if (report.crashes() >= MAX_CRASHES) {
            report.notTried();
            return failed(report, exhausted(report.crashes()));
        } else if (events.isLastDelivery()) {
            return requeued(report);
        }
        OutageWait outages = new OutageWait(job.jobId(), context.outages(), control, context.clock());
        ProgressPublisher run = new ProgressPublisher(
                job,
                report,
                control,
                events,
                ownership,
                statuses.publishedEpochs(job, digest),
                outages,
                context.trainingMetrics(),
                context.releases(),
                trace,
                context.clock());
        begun = true;
        run.publishStatus(); // before anything can go wrong: whoever comes next counts this attempt
        return run(run, report, control);
    }

    private JobAcknowledgement run(ProgressPublisher run, JobStatusTracker report, JobControl control) {
        try {
            JobOutcome outcome = runAgainWhileUnavailable(run, control);
            Instant now = context.clock().instant();
            if (outcome instanceof JobOutcome.Finished finished) {
                return ended(report, JobEnding.finished(job, finished, run.estimate(), now));
            } else if (outcome instanceof JobOutcome.Cancelled cancelled) {
                return ended(report, JobEnding.cancelled(job, cancelled, control, now));
            }
            return handedOver(report);
        } catch (FencedException | KafkaException e) {
            throw e;
        } catch (FaultException e) {
            return e.kind().isTransient() && control.isOverTime()
                    ? ended(
                            report,
                            JobEnding.cancelled(
                                    job,
                                    run.finished(),
                                    control,
                                    context.clock().instant()))
                    : failed(report, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // only the end of the JVM interrupts: publish nothing
            return JobAcknowledgement.LOST;
        } catch (OutOfMemoryError e) {
            return failed(
                    report, new FaultException(ErrorKind.OUT_OF_MEMORY, "not enough memory: " + e.getMessage(), e));
        } catch (RuntimeException | VirtualMachineError | LinkageError e) {
            log.atError().setCause(e).addKeyValue("job", job.jobId()).log("Job failed by an error of this program");
            return failed(report, FaultException.of(e));
        }
    }

    /** Waits also for images that cannot be read in the middle of the training. */
    private JobOutcome runAgainWhileUnavailable(ProgressPublisher run, JobControl control) throws InterruptedException {
        while (true) {
            try {
                return training.run(job, run);
            } catch (FaultException e) {
                if (control.isOverTime()
                        && e.kind().isTransient()
                        && run.finished().isComplete()) {
                    return run.finished();
                }
                run.awaitRetry("train", e);
            }
            if (control.isCancelled()) {
                return run.finished();
            } else if (context.stopping().isRequested()) {
                return new JobOutcome.HandedOver();
            }
        }
    }

    private static FaultException exhausted(int crashes) {
        return new FaultException(
                ErrorKind.ATTEMPTS_EXHAUSTED,
                "given up: " + crashes + " workers in a row died of it before they could save anything");
    }

    private JobAcknowledgement requeued(JobStatusTracker report) {
        report.because("queued again: handed out too often for its record");
        ownership.publish(events.again(), offset -> List.of(events.status(report.requeued(offset))));
        log.atInfo()
                .addKeyValue("job", job.jobId())
                .addKeyValue("deliveries", JobRecords.LAST_DELIVERY)
                .log("Job queued again: its record was handed out too often");
        return JobAcknowledgement.DONE;
    }

    private JobAcknowledgement handedOver(JobStatusTracker report) {
        report.because("handed over by " + context.worker());
        trace.set("finetide.state", JobState.QUEUED.wire());
        trace.end(context.clock().instant(), null);
        ownership.publish(List.of(events.status(report.now(JobState.QUEUED))));
        log.atInfo().addKeyValue("job", job.jobId()).log("Job handed over");
        return JobAcknowledgement.RELEASED;
    }

    private JobAcknowledgement failed(JobStatusTracker report, FaultException why) {
        tidy(report);
        ErrorDetail error = why.detail();
        JobStatus status = report.ended(JobState.FAILED, error);
        ownership.publish(List.of(events.status(status), events.deadLetter(why, status.attempt())));
        context.metrics().deadLetter(events.topics().trainingJobs(), why.kind());
        return over(status);
    }

    /** The last status, what was measured and the release, together. */
    private JobAcknowledgement ended(JobStatusTracker report, JobEnding ending) {
        tidy(report);
        if (ending.reason() != null) {
            report.because(ending.reason());
        }
        report.warn(context.statuses().glance().namesakes(job.jobId(), job.digest()));
        JobStatus status = report.ended(ending.state(), null);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.add(events.status(status));
        ending.measured()
                .ifPresent(found ->
                        records.add(events.measured(job, found, context.clock().instant())));
        ending.findings()
                .ifPresent(found ->
                        records.add(events.findings(job, found, context.clock().instant())));
        ending.release().ifPresent(release -> records.add(events.release(release)));
        ownership.publish(records);
        return over(status);
    }

    /**
     * Workers that were killed left files, and a job that ends before it starts again has not removed them. What is found
     * is deleted only once a transaction has shown that no other worker owns the job by now.
     */
    private void tidy(JobStatusTracker report) {
        try {
            training.tidy(
                    job,
                    () -> ownership.publish(
                            List.of(events.status(report.now(begun ? JobState.RUNNING : JobState.QUEUED)))));
        } catch (FaultException e) {
            log.atWarn()
                    .addKeyValue("job", job.jobId())
                    .addKeyValue("reason", e.getMessage())
                    .log("Temporary files of a job may be left");
        }
    }

    private JobAcknowledgement over(JobStatus status) {
        trace.set("finetide.state", status.state().wire());
        trace.end(
                context.clock().instant(),
                status.error() == null ? null : status.error().kind().wire());
        context.trainingMetrics().jobEnded(status.state());
        log.atInfo()
                .addKeyValue("job", job.jobId())
                .addKeyValue("state", status.state())
                .addKeyValue("epoch", status.epoch())
                .addKeyValue(
                        "error",
                        status.error() == null ? "none" : status.error().message())
                .log("Job ended");
        return JobAcknowledgement.DONE;
    }
}
