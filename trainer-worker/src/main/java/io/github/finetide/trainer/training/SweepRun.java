package io.github.finetide.trainer.training;

import io.github.finetide.message.Best;
import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.SweepValues;
import io.github.finetide.message.SweepVariant;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Found;
import io.github.finetide.store.StoredSweep;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.PixelLoader;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.progress.ControlPoint;
import io.github.finetide.trainer.progress.FoldResult;
import io.github.finetide.trainer.progress.OutageRetry;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.progress.VariantProgress;
import io.github.finetide.trainer.progress.VariantResult;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Trains every variant of a job's sweep on the same features, each as if it were alone, and keeps no heads: the best one is
 * trained again afterwards, with checkpoints, in less time than keeping all of them would take.
 */
final class SweepRun implements EpochSaver {
    /** What a worker that dies may lose; a transaction and a file cost some 50 ms. */
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(2);

    private static final int MAX_UNREPORTED_EPOCHS = 1000; // half a megabyte of events in a transaction

    private static final URI NOWHERE = URI.create("");

    private final TrainingJob job;
    private final TrainerResources resources;
    private final Progress progress;
    private final OutageRetry outages;
    private final List<SweepValues> values;
    private final List<VariantResult> unreported = new ArrayList<>();
    private final int folds;
    private SweepTable table;
    private long reportedNanos = System.nanoTime();

    SweepRun(TrainingJob job, TrainerResources resources, Progress progress) {
        this.job = job;
        this.resources = resources;
        this.progress = progress;
        outages = new OutageRetry(new ControlPoint(progress), progress);
        values = Objects.requireNonNull(job.sweep()).variants();
        folds = job.folds() == null ? 0 : job.folds();
        table = new SweepTable(folds, job.variants(), List.of());
    }

    /**
     * Trains the variants that are not done yet; returns when all are done.
     *
     * @param loop trains a run to its end
     * @throws StopTrainingException where the job is to stop; what is done is kept
     */
    SweepTable run(PixelLoader loader, BiConsumer<TrainingRun, Progress> loop) {
        table = new SweepTable(folds, job.variants(), outages.retry("find what the sweep has done", this::found));
        if (!table.isComplete()) {
            TrainingSetup setup = new TrainingSetup(job.variants().get(0), table, resources, progress);
            try (TrainingRun run = setup.open(loader).orElseThrow()) {
                train(run, loop);
            }
            report();
        }
        return table;
    }

    /** The first variants, from the job's checkpoint where the sweep was over. */
    private List<SweepVariant> found() {
        progress.confirmOwnership();
        Optional<Found> checkpoint = resources.checkpoints().newest(job.jobId()).checkpoint();
        return checkpoint
                .map(Found::manifest)
                .filter(this::isOfAVariant)
                .map(CheckpointManifest::sweep)
                .or(() -> resources
                        .checkpoints()
                        .sweep(job.jobId())
                        .filter(stored -> stored.jobDigest().equals(job.digest()))
                        .map(StoredSweep::variants))
                .orElse(List.of());
    }

    private boolean isOfAVariant(CheckpointManifest saved) {
        return job.variants().stream()
                .anyMatch(variant -> variant.redacted().equals(saved.job())
                        || variant.withClasses(saved.classNames()).redacted().equals(saved.job()));
    }

    private void train(TrainingRun run, BiConsumer<TrainingRun, Progress> loop) {
        StateDict head = run.learner().head();
        Optional<FoldTrials> trials =
                folds == 0 ? Optional.empty() : Optional.of(new FoldTrials(run, folds, progress, loop));
        List<String> classes = run.state().job().classNames(); // known since the images were listed
        while (!table.isComplete()) {
            TrainingJob alike = table.variants().get(table.done().size()).withClasses(classes);
            done(trials.isEmpty() ? trained(run, alike, head, loop) : judged(trials.get(), alike));
        }
    }

    private VariantResult trained(
            TrainingRun run, TrainingJob alike, StateDict head, BiConsumer<TrainingRun, Progress> loop) {
        VariantProgress epochs = new VariantProgress(progress);
        try (TrainingRun alone = run.variant(alike, head, this)) {
            loop.accept(alone, epochs);
            TrainingState state = alone.state();
            return new VariantResult(
                    variant(state.history().size(), state.best(), state.score(), null), epochs.epochs(), List.of());
        }
    }

    /** By its folds: what it is compared by, accuracy and loss are means over them, and epochs those of the longest. */
    private VariantResult judged(FoldTrials trials, TrainingJob alike) {
        List<FoldResult> results = new ArrayList<>();
        for (int fold = 1; fold <= folds; fold++) {
            results.add(trials.train(alike, fold, this));
        }
        List<ValidationScores> scores = results.stream().map(FoldResult::scores).toList();
        CrossValidation all = CrossValidation.of(scores);
        double score =
                scores.stream().mapToDouble(alike.bestMetric()::of).average().orElseThrow();
        int epochs = results.stream()
                .mapToInt(result -> result.epochs().size())
                .max()
                .orElseThrow();
        Best best = new Best(epochs, all.accuracy().mean(), all.loss().mean());
        return new VariantResult(variant(epochs, best, score, all), List.of(), results);
    }

    private SweepVariant variant(int epochs, Best best, double score, @Nullable CrossValidation byFolds) {
        int number = table.done().size();
        return new SweepVariant(number, values.get(number), epochs, best, score, byFolds);
    }

    private void done(VariantResult result) {
        table = table.with(result.variant());
        unreported.add(result);
        int waiting = unreported.stream().mapToInt(VariantResult::count).sum();
        if (System.nanoTime() - reportedNanos > REPORT_INTERVAL.toNanos() || waiting >= MAX_UNREPORTED_EPOCHS) {
            report();
        }
    }

    /** Events first: what is in the store was reported. */
    private void report() {
        if (!unreported.isEmpty()) {
            progress.variantsEnded(unreported, table.status());
            unreported.clear();
            StoredSweep stored = new StoredSweep(job.digest(), table.done());
            outages.retry(
                    "save what the sweep has done",
                    () -> resources.checkpoints().putSweep(job.jobId(), stored, progress::confirmOwnership));
        }
        reportedNanos = System.nanoTime();
    }

    @Override
    public SavedCheckpoint save(TrainingState state, Learner learner) {
        return new SavedCheckpoint(state.epoch() - 1, NOWHERE, "", 0);
    }

    /** The current variant is trained from its start again, which takes a second. */
    @Override
    public void saveInterim(TrainingState state, Learner learner) {
        report();
    }

    @Override
    public void prune(int keep) {}
}
