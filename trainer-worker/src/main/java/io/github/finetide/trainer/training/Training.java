package io.github.finetide.trainer.training;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.Progress;

/** Trains a job: from its start, or on from its newest checkpoint. Called on the job's thread, one job at a time. */
@FunctionalInterface
public interface Training {
    /**
     * Runs the job to its end, or until the progress directs otherwise.
     *
     * @throws FaultException what is wrong with the job or its surroundings; UNAVAILABLE may be tried again
     * @throws InterruptedException when the thread is interrupted; the job is left as it is
     */
    JobOutcome run(TrainingJob job, Progress progress) throws InterruptedException;

    /**
     * Removes what workers that were killed left half written of a job, before its last status is published.
     *
     * @param proof run before anything is deleted; throws where this worker is no longer the job's owner
     * @throws FaultException where the store cannot be reached
     */
    default void tidy(TrainingJob job, Runnable proof) {}
}
