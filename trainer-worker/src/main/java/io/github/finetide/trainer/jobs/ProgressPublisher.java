package io.github.finetide.trainer.jobs;

import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.JobState;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.ModelWeights;
import io.github.finetide.message.SweepStatus;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.WeightsFrom;
import io.github.finetide.tracing.Trace;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.FoldResult;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.JobStart;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.progress.VariantResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Publishes how a job goes, and passes on what its user and this worker want of it. */
final class ProgressPublisher implements Progress {
    /** A transaction takes about 10 ms: half a percent of the time at most. */
    private static final Duration STATUS_INTERVAL = Duration.ofSeconds(2);

    private final TrainingJob job;
    private final JobStatusTracker report;
    private final JobControl control;
    private final JobRecords events;
    private final JobOwnership ownership;
    private final OutageWait outages;
    private final TrainingMetrics metrics;
    private final Function<ModelWeights, Optional<ModelRelease>> releases;
    private final Trace trace;
    private final InstantSource clock;
    private Instant epochBegan = Instant.MIN;
    private int publishedEpochs;
    private Instant publishedAt = Instant.MIN;
    private String estimate = "";
    private boolean saved;
    private FeatureCounts features = FeatureCounts.NONE;
    private Optional<SavedCheckpoint> best = Optional.empty();
    private Optional<SavedCheckpoint> last = Optional.empty();

    /**
     * A run of a job that this worker owns.
     *
     * @param releases finds what a model is released as
     * @param trace gets a part for each epoch
     * @param publishedEpochs the last epoch whose events are published already
     */
    ProgressPublisher(
            TrainingJob job,
            JobStatusTracker report,
            JobControl control,
            JobRecords events,
            JobOwnership ownership,
            int publishedEpochs,
            OutageWait outages,
            TrainingMetrics metrics,
            Function<ModelWeights, Optional<ModelRelease>> releases,
            Trace trace,
            InstantSource clock) {
        this.job = job;
        this.report = report;
        this.control = control;
        this.events = events;
        this.ownership = ownership;
        this.publishedEpochs = publishedEpochs;
        this.outages = outages;
        this.metrics = metrics;
        this.releases = releases;
        this.trace = trace;
        this.clock = clock;
    }

    @Override
    public void started(JobStart start) {
        estimate = start.estimate();
        epochBegan = clock.instant();
        report.started(start.resumed().orElse(null), start.warnings());
        best = start.best();
        last = start.resumed().map(EpochResult::checkpoint);
        start.resumed().ifPresentOrElse(this::publish, this::publishStatus);
    }

    @Override
    public WeightsFrom weightsFrom(ModelWeights named, Supplier<Optional<WeightsFrom>> stored) {
        return report.weightsFrom().orElseGet(() -> {
            WeightsFrom found =
                    releases.apply(named).map(WeightsFrom::of).or(stored).orElseThrow(named::notFound);
            report.startsFrom(found);
            publishStatus();
            return found;
        });
    }

    @Override
    public void batchEnded(BatchResult batch) {
        if (saved && batch.split() == BatchResult.Split.TRAIN) {
            report.saved(); // and it goes on from there
            saved = false;
        }
        report.batchEnded(batch);
        outages.reached(batch.progress());
        RunMetrics.batch(metrics, job.model(), batch);
        Instant now = clock.instant();
        if (now.isAfter(publishedAt.plus(STATUS_INTERVAL))
                && ownership.offer(events.status(report.now(JobState.RUNNING)))) {
            publishedAt = now;
        }
    }

    @Override
    public void featuresChanged(FeatureCounts counts) {
        // A run that was tried again counts from nothing.
        metrics.features(counts.needed() < features.needed() ? FeatureCounts.NONE : features, counts);
        features = counts;
        report.featuresChanged(counts);
    }

    @Override
    public void epochEnded(EpochResult result) {
        Instant now = clock.instant();
        trace.part("epoch", epochBegan, now, "finetide.epoch", String.valueOf(result.epoch()));
        epochBegan = now;
        control.saved();
        report.saved();
        last = Optional.of(result.checkpoint());
        best = result.isBest() ? last : best;
        RunMetrics.epoch(metrics, job.model(), result);
        publish(result);
    }

    /** Metrics of variants and how far the sweep is in one transaction: none is lost, and none comes twice. */
    @Override
    public void variantsEnded(List<VariantResult> results, SweepStatus sweep) {
        int published = report.variantsPublished();
        List<VariantResult> missing = results.stream()
                .filter(result -> result.variant().variant() >= published)
                .toList();
        if (missing.isEmpty()) {
            return;
        }
        Instant now = clock.instant();
        ownership.publish(
                () -> {
                    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
                    missing.forEach(result -> records.addAll(events.variant(job, result, now)));
                    records.add(events.status(report.with(sweep)));
                    return records;
                },
                () -> report.published(sweep));
        publishedAt = now;
    }

    /** As {@link #variantsEnded}, of one fold. */
    @Override
    public void foldEnded(FoldResult result, CrossValidation soFar) {
        if (result.fold() <= report.foldsPublished()) {
            return;
        }
        Instant now = clock.instant();
        ownership.publish(
                () -> {
                    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(events.fold(job, result, null, now));
                    records.add(events.status(report.with(soFar)));
                    return records;
                },
                () -> report.published(soFar));
        publishedAt = now;
    }

    @Override
    public void warned(String warning) {
        report.warn(List.of(warning));
    }

    @Override
    public void checkpointSaved(Duration writing, long sizeBytes) {
        metrics.checkpoint(writing, sizeBytes);
        saved = true;
    }

    /**
     * Metrics, checkpoint and status of an epoch in one transaction. A job that is given away says that the epoch is done
     * only when that is committed: the next owner publishes what is missing.
     */
    private void publish(EpochResult result) {
        if (result.epoch() <= publishedEpochs) {
            report.published(result);
            publishStatus();
            return;
        }
        Instant now = clock.instant();
        ownership.publish(
                () -> {
                    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>(events.epoch(job, result, now));
                    records.add(events.status(report.with(result)));
                    return records;
                },
                () -> report.published(result));
        publishedEpochs = result.epoch();
        publishedAt = now;
    }

    @Override
    public Directive directive() {
        return control.directive();
    }

    @Override
    public void checkpointObeyed() {
        control.checkpointObeyed();
    }

    @Override
    public void awaitResume() {
        ownership.publish(List.of(events.status(report.now(JobState.PAUSED))));
        control.awaitResume();
        publishStatus();
    }

    @Override
    public void awaitRetry(String doing, FaultException why) {
        outages.await(doing, why);
    }

    /** A transaction proves it: a former owner's fails. */
    @Override
    public void confirmOwnership() {
        publishStatus();
    }

    /** The last epoch whose events are published. */
    int publishedEpochs() {
        return publishedEpochs;
    }

    /** What was finished, as far as it is known without the store. */
    JobOutcome.Cancelled finished() {
        return new JobOutcome.Cancelled(best, last);
    }

    /** What the checks found out about the job's size. */
    String estimate() {
        return estimate;
    }

    void publishStatus() {
        publishedAt = clock.instant();
        ownership.publish(List.of(events.status(report.now(JobState.RUNNING))));
    }
}
