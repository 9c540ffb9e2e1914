package io.github.finetide.trainer.training;

import io.github.finetide.trainer.learning.Learner;
import io.github.finetide.trainer.progress.SavedCheckpoint;

/** Where a run keeps what it has learned. */
interface EpochSaver {
    /** Keeps a finished epoch. */
    SavedCheckpoint save(TrainingState state, Learner learner);

    /** Keeps the place in an epoch where the run is to stop or wait. */
    void saveInterim(TrainingState state, Learner learner);

    /** Removes old epochs. */
    void prune(int keep);
}
