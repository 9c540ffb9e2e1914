package io.github.finetide.trainer.training;

import io.github.finetide.message.ReleasePolicy;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.progress.FoldResult;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.VariantProgress;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/** Trains jobs on all training images but those of one fold, and validates them on these. */
final class FoldTrials {
    private final TrainingRun run;
    private final StateDict head;
    private final int folds;
    private final int[] members;
    private final Progress progress;
    private final BiConsumer<TrainingRun, Progress> loop;

    /**
     * Divides the images.
     *
     * @param run that has them, and the network, at its beginning
     * @param loop trains a run to its end
     */
    FoldTrials(TrainingRun run, int folds, Progress progress, BiConsumer<TrainingRun, Progress> loop) {
        this.run = run;
        this.head = run.learner().head();
        this.folds = folds;
        this.progress = progress;
        this.loop = loop;
        this.members = run.source().folds(folds, run::obey);
        warnOfSmallClasses();
    }

    private void warnOfSmallClasses() {
        TrainingJob job = run.state().job();
        int[] counts = ClassCounts.of(run.source().trainingLabels(), job.classes());
        IntStream.range(0, counts.length)
                .filter(label -> counts[label] < folds)
                .boxed()
                .findFirst()
                .ifPresent(label -> progress.warned("folds: class %s has %d images, fewer than folds (%d)"
                        .formatted(job.classNames().get(label), counts[label], folds)));
    }

    /** Trains a job without the images of a fold, from 1, from the beginning. */
    FoldResult train(TrainingJob job, int fold, EpochSaver saver) {
        VariantProgress epochs = new VariantProgress(progress);
        try (TrainingRun alone = run.trial(job, head, saver, source(fold))) {
            loop.accept(alone, epochs);
            TrainingState state = alone.state();
            int counted = job.release() == ReleasePolicy.LAST
                    ? state.history().size()
                    : state.best().epoch();
            return new FoldResult(
                    fold, epochs.epochs(), state.history().get(counted - 1).validation());
        }
    }

    private BatchSource source(int fold) {
        return run.source().part(places(member -> member != fold), places(member -> member == fold));
    }

    private int[] places(IntPredicate wanted) {
        return IntStream.range(0, members.length)
                .filter(image -> wanted.test(members[image]))
                .toArray();
    }

    /** Writes what a head says of a fold's images into {@code [images, classes]}, at their places. */
    void logits(int fold, StateDict trained, float[] all) {
        int classes = run.state().job().classes();
        run.learner().load(trained);
        BatchSampler pass = source(fold).validationPass();
        int done = 0;
        try (Batches batches = source(fold).validation(pass, (batch, count, images) -> run.obey())) {
            while (batches.hasNext()) {
                try (Batch batch = batches.next()) {
                    float[] logits = run.learner().logits(batch);
                    for (int i = 0; i < logits.length / classes; i++) {
                        System.arraycopy(logits, i * classes, all, pass.order()[done++] * classes, classes);
                    }
                }
            }
        }
    }

    /** Makes the run's network what it was. */
    void reset() {
        run.learner().load(head);
    }
}
