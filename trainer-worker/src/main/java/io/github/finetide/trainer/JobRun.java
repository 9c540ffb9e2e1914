package io.github.finetide.trainer;

import io.github.finetide.message.JobState;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.runtime.TrainingMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Tells the world how a job goes, and the job what the world wants. */
final class JobRun implements Progress {
    /** A transaction takes about 10 ms: half a percent of the time at most. */
    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(2);

    private final TrainingJob job;
    private final JobReport report;
    private final JobControl control;
    private final JobEvents events;
    private final Ownership ownership;
    private final TrainingMetrics metrics;
    private final Clock clock;
    private int toldEpochs;
    private Instant toldAt = Instant.MIN;
    private String estimate = "";
    private boolean saving;

    /**
     * A run of a job that this worker owns.
     *
     * @param toldEpochs the last epoch whose events are published already
     */
    JobRun(
            TrainingJob job,
            JobReport report,
            JobControl control,
            JobEvents events,
            Ownership ownership,
            int toldEpochs,
            TrainingMetrics metrics,
            Clock clock) {
        this.job = job;
        this.report = report;
        this.control = control;
        this.events = events;
        this.ownership = ownership;
        this.toldEpochs = toldEpochs;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public void started(JobStart start) {
        estimate = start.estimate();
        report.started(start.resumed().orElse(null), start.warnings());
        start.resumed().filter(epoch -> epoch.epoch() > toldEpochs).ifPresentOrElse(this::tell, this::tellStatus);
    }

    @Override
    public void batchEnded(BatchResult batch) {
        if (saving && batch.split() == BatchResult.Split.TRAIN) {
            report.saved(); // or there would be no further batch
            saving = false;
        }
        report.batchEnded(batch);
        RunMetrics.batch(metrics, job.model(), batch);
        if (clock.instant().isAfter(toldAt.plus(STATUS_INTERVAL))) {
            tellStatus();
        }
    }

    @Override
    public void epochEnded(EpochResult result) {
        report.epochEnded(result);
        control.saved();
        RunMetrics.epoch(metrics, job.model(), result);
        if (result.epoch() > toldEpochs) {
            tell(result);
        }
    }

    @Override
    public void checkpointSaved(Duration writing, long sizeBytes) {
        metrics.checkpoint(writing, sizeBytes);
    }

    /** Metrics, checkpoint and status of an epoch in one transaction. */
    private void tell(EpochResult result) {
        Instant now = clock.instant();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(events.epoch(job, result, now));
        records.add(events.status(report.now(JobState.RUNNING)));
        ownership.publish(records);
        toldEpochs = result.epoch();
        toldAt = now;
    }

    @Override
    public Directive directive() {
        Directive directive = control.directive();
        saving |= directive == Directive.CHECKPOINT;
        return directive;
    }

    @Override
    public void awaitResume() {
        ownership.publish(List.of(events.status(report.now(JobState.PAUSED))));
        control.awaitResume();
        tellStatus();
    }

    /** A transaction proves it: a former owner's fails. */
    @Override
    public void confirmOwnership() {
        tellStatus();
    }

    /** The last epoch whose events are published. */
    int toldEpochs() {
        return toldEpochs;
    }

    /** What the checks found out about the job's size. */
    String estimate() {
        return estimate;
    }

    void tellStatus() {
        toldAt = clock.instant();
        ownership.publish(List.of(events.status(report.now(JobState.RUNNING))));
    }
}
