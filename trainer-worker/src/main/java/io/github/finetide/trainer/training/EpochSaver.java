package io.github.finetide.trainer.training;

import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.progress.SavedCheckpoint;

/** Saves what a run has learned. */
interface EpochSaver {
    /** Saves a finished epoch. */
    SavedCheckpoint save(TrainingState state, Learner learner);

    /** Saves the state within an epoch, before the run stops or waits. */
    void saveInterim(TrainingState state, Learner learner);

    /** Removes old epochs. */
    void prune(int keep);
}
