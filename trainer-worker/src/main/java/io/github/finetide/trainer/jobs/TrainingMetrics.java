package io.github.finetide.trainer.jobs;

import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.JobState;
import io.github.finetide.metrics.Buckets;
import io.github.finetide.metrics.Labels;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.metrics.SettableGauge;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The {@code finetide_training_*} and {@code finetide_checkpoint_*} metrics of a trainer. */
public final class TrainingMetrics {
    /** Seconds: from cached features of a few images to a day over a large data set. */
    private static final double[] EPOCH_BUCKETS = {
        1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400
    };
    /** Seconds: from a head on a local disk to everything to a far bucket. */
    private static final double[] WRITE_BUCKETS = {0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
    /** Bytes: a head with its moments is 1 MiB, ResNet152 with them 700 MiB. */
    private static final double[] BYTES_BUCKETS = {
        0x1p16, 0x1p18, 0x1p20, 0x1p22, 0x1p24, 0x1p26, 0x1p27, 0x1p28, 0x1p29, 0x1p30, 0x1p31, 0x1p32
    };
    /** Seconds: one step of a batch, from a head alone to ResNet152 trained whole. */
    private static final double[] STEP_BUCKETS = {0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120};

    /** Which data set. */
    public enum Split {
        TRAIN,
        VALIDATION
    }

    /** What a step of a batch spends its time on. */
    public enum Phase {
        DATA,
        FORWARD,
        BACKWARD,
        UPDATE
    }

    /** Where a row of features came from. */
    private enum FeatureOrigin {
        REUSED,
        COMPUTED,
        HELPER
    }

    private static final List<JobState> FINAL = List.of(JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED);

    private final PrometheusMeterRegistry registry;
    private final Labels models = new Labels(Labels.MAX_MODELS);
    private final Map<String, SettableGauge> gauges = new ConcurrentHashMap<>();
    private final Map<JobState, Counter> jobs = new EnumMap<>(JobState.class);
    private final Map<Split, Counter> images = new EnumMap<>(Split.class);
    private final Map<FeatureOrigin, Counter> features = new EnumMap<>(FeatureOrigin.class);
    private final Map<Phase, Timer> steps = new EnumMap<>(Phase.class);
    private final SettableGauge activeJobs = new SettableGauge();
    private final SettableGauge queueLag = new SettableGauge();
    private final Timer epochs;
    private final Timer checkpointWrites;
    private final DistributionSummary checkpointBytes;

    /** Registers everything that has no label of the user's choice, so that it is there from the first scrape. */
    public TrainingMetrics(Metrics metrics) {
        registry = metrics.registry();
        FINAL.forEach(state -> jobs.put(state, jobCounter(state)));
        for (Split split : Split.values()) {
            images.put(split, imageCounter(split));
        }
        for (FeatureOrigin source : FeatureOrigin.values()) {
            features.put(source, featureCounter(source));
        }
        for (Phase phase : Phase.values()) {
            steps.put(phase, stepTimer(phase));
        }
        Metrics.gauge(registry, "finetide.training.active.jobs", "Jobs being trained here.", activeJobs);
        Metrics.gauge(registry, "finetide.training.queue.lag", "Jobs that no trainer has taken yet.", queueLag);
        epochs = Buckets.seconds(registry, "finetide.training.epoch", "Time of an epoch.", EPOCH_BUCKETS);
        checkpointWrites =
                Buckets.seconds(registry, "finetide.checkpoint.write", "Time to write a checkpoint.", WRITE_BUCKETS);
        checkpointBytes = Buckets.summary(
                registry, "finetide.checkpoint", "Size of a checkpoint.", BaseUnits.BYTES, BYTES_BUCKETS);
    }

    private Counter jobCounter(JobState state) {
        return Counter.builder("finetide.training.jobs")
                .description("Jobs that ended, by their final state.")
                .tag("state", state.wire())
                .register(registry);
    }

    private Counter imageCounter(Split split) {
        return Counter.builder("finetide.training.images")
                .description("Images that went through the network.")
                .tag("split", lower(split))
                .register(registry);
    }

    private Counter featureCounter(FeatureOrigin source) {
        return Counter.builder("finetide.features")
                .description("Rows of features that jobs asked for, by where they came from.")
                .tag("source", lower(source))
                .register(registry);
    }

    private Timer stepTimer(Phase phase) {
        return Buckets.seconds(
                registry,
                "finetide.training.step",
                "Time of a batch by what it was spent on.",
                STEP_BUCKETS,
                "phase",
                lower(phase));
    }

    /** A job ended: SUCCEEDED, FAILED or CANCELLED; other states are not counted. */
    public void jobEnded(JobState state) {
        Counter counter = jobs.get(state);
        if (counter != null) {
            counter.increment();
        }
    }

    /** How many jobs are being trained here. */
    public void activeJobs(int count) {
        activeJobs.set(count);
    }

    /** How many jobs wait for a trainer. */
    public void queueLag(long jobsWaiting) {
        queueLag.set((double) jobsWaiting);
    }

    /** The epoch under way, counting from 1, and the done share of the job, 0..1. */
    public void progress(String model, int epoch, double done) {
        set("finetide.training.epoch", "Epoch under way, from 1.", model, epoch);
        set("finetide.training.progress.ratio", "Done share of the job, 0 to 1.", model, done);
    }

    /** The learning rate of the epoch under way. */
    public void learningRate(String model, double rate) {
        set("finetide.training.learning.rate", "Learning rate of the epoch under way.", model, rate);
    }

    /** The scores of an epoch; accuracy as a fraction. */
    public void scores(String model, Split split, double loss, double accuracy) {
        String tag = lower(split);
        set("finetide.training.loss", "Mean of the batch losses of the last epoch.", model, loss, "split", tag);
        set("finetide.training.accuracy", "Accuracy of the last epoch, 0 to 1.", model, accuracy, "split", tag);
    }

    /** The best validation accuracy so far, as a fraction. */
    public void bestAccuracy(String model, double accuracy) {
        set("finetide.training.best.accuracy", "Best validation accuracy so far, 0 to 1.", model, accuracy);
    }

    /** Images went through the network. */
    public void images(Split split, int count) {
        counter(split).increment(count);
    }

    private Counter counter(Split split) {
        return images.getOrDefault(split, imageCounter(split));
    }

    /** A job's features went from these counts to those. */
    public void features(FeatureCounts before, FeatureCounts now) {
        count(FeatureOrigin.REUSED, now.reused() - before.reused());
        count(FeatureOrigin.COMPUTED, now.computed() - before.computed());
        count(FeatureOrigin.HELPER, now.byHelpers() - before.byHelpers());
    }

    private void count(FeatureOrigin source, long rows) {
        features.getOrDefault(source, featureCounter(source)).increment((double) rows);
    }

    /** One batch spent this on that. */
    public void step(Phase phase, Duration time) {
        steps.getOrDefault(phase, stepTimer(phase)).record(time);
    }

    /** An epoch took so long. */
    public void epoch(Duration time) {
        epochs.record(time);
    }

    /** A checkpoint is in the store. */
    public void checkpoint(Duration writing, long bytes) {
        checkpointWrites.record(writing);
        checkpointBytes.record((double) bytes);
    }

    private void set(String name, String description, String model, double value, String... tags) {
        String label = models.bounded(model);
        String[] all = new String[tags.length + 2];
        all[0] = "model";
        all[1] = label;
        System.arraycopy(tags, 0, all, 2, tags.length);
        gauges.computeIfAbsent(name + String.join("\n", all), key -> {
                    SettableGauge gauge = new SettableGauge();
                    Metrics.gauge(registry, name, description, gauge, all);
                    return gauge;
                })
                .set(value);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
