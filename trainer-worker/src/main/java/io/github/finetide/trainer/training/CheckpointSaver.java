package io.github.finetide.trainer.training;

import io.github.finetide.store.Saved;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import java.util.Optional;

/**
 * Saves epochs as checkpoints of the job.
 *
 * @param starting the starting weights, which checkpoints leave out
 * @param golden some validation images as the network sees them
 */
record CheckpointSaver(CheckpointBook book, StateDict starting, GoldenImages golden) implements EpochSaver {
    @Override
    public SavedCheckpoint save(TrainingState state, Learner learner) {
        Saved saved = book.save(state, learner, starting, Optional.of(golden.seenBy(learner)));
        return new SavedCheckpoint(state.epoch() - 1, saved.uri(), saved.digest(), saved.sizeBytes());
    }

    @Override
    public void saveInterim(TrainingState state, Learner learner) {
        Saved unused = book.save(state, learner, starting, Optional.empty());
    }

    @Override
    public void prune(int keep) {
        book.prune(keep);
    }
}
