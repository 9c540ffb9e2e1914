package io.github.finetide.trainer.progress;

import io.github.finetide.trainer.learning.StepTimes;
import java.time.Duration;

/**
 * A batch that has gone through the network.
 *
 * @param batch counts from 1 in its pass
 * @param batches of this pass
 * @param images in this batch
 * @param times what the batch waited for and worked on
 * @param progress done share of the whole job, 0..1
 * @param eta estimated time to the job's end, from the batches that this worker has seen
 */
public record BatchResult(
        Split split, int epoch, int batch, int batches, int images, StepTimes times, double progress, Duration eta) {

    /** Which of a job's data sets. */
    public enum Split {
        TRAIN,
        VALIDATION,
        /** Features computed once, ahead of the passes of any split that use them. */
        FEATURES
    }
}
