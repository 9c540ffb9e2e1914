package io.github.finetide.trainer.training;

import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.ReleasePolicy;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.progress.FoldResult;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.review.OutOfFold;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Judges a job by folds before it is trained on all images. It begins anew where it was interrupted, as folds take seconds;
 * a job that has trained since was judged before.
 */
final class CrossValidationRun {
    private final TrainingRun run;
    private final int folds;
    private final CheckpointBook book;
    private final Progress progress;

    /** @param folds 0 where the job has none */
    CrossValidationRun(TrainingRun run, int folds, CheckpointBook book, Progress progress) {
        this.run = run;
        this.folds = folds;
        this.book = book;
        this.progress = progress;
    }

    /** Keeps a copy of the head of the epoch that counts. */
    private static final class HeadKeeper implements EpochSaver {
        private @Nullable StateDict head;

        @Override
        public SavedCheckpoint save(TrainingState state, Learner learner) {
            int epoch = state.epoch() - 1;
            if (state.job().release() == ReleasePolicy.LAST || state.best().epoch() == epoch) {
                head = learner.head();
            }
            return new SavedCheckpoint(epoch, URI.create(""), "", 0);
        }

        @Override
        public void saveInterim(TrainingState state, Learner learner) {}

        @Override
        public void prune(int keep) {}
    }

    /**
     * Does it, once.
     *
     * @param loop trains a run to its end
     * @return logits of training images; empty where the job has no folds, or too many of them
     */
    Optional<OutOfFold> run(BiConsumer<TrainingRun, Progress> loop) {
        if (folds == 0) {
            return Optional.empty();
        }
        int images = run.source().trainingLabels().length;
        return run.state().isBeginning()
                ? judged(images, loop)
                : book.outOfFold().filter(known -> known.images() == images);
    }

    private Optional<OutOfFold> judged(int images, BiConsumer<TrainingRun, Progress> loop) {
        TrainingJob job = run.state().job();
        boolean keep = (long) images * job.classes() <= OutOfFold.MAX_LOGITS;
        float[] logits = new float[keep ? images * job.classes() : 0];
        FoldTrials trials = new FoldTrials(run, folds, progress, loop);
        List<ValidationScores> scores = new ArrayList<>();
        CrossValidation soFar = null;
        for (int fold = 1; fold <= folds; fold++) {
            HeadKeeper keeper = new HeadKeeper();
            FoldResult result = trials.train(job, fold, keeper);
            if (keep && keeper.head != null) {
                trials.logits(fold, keeper.head, logits);
            }
            scores.add(result.scores());
            soFar = CrossValidation.of(scores);
            progress.foldEnded(result, soFar);
        }
        trials.reset();
        Optional<OutOfFold> all = keep ? Optional.of(new OutOfFold(logits, job.classes())) : Optional.empty();
        book.crossValidated(soFar, all);
        return all;
    }
}
