package io.github.finetide.trainer.training;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.Optional;

/**
 * Measures in which precisions the checkpoint that a finished job releases may be served, and adds it
 * to the checkpoint. A worker that dies meanwhile leaves the checkpoint as it was or as it will be: the next one
 * measures the same again, or finds it done.
 */
final class ReleaseMeasurement {
    private final TrainingJob job;
    private final CheckpointBook book;
    private final PrecisionTrial trial;

    ReleaseMeasurement(TrainingJob job, CheckpointBook book, PrecisionTrial trial) {
        this.job = job;
        this.book = book;
        this.trial = trial;
    }

    /**
     * Does it, where there is something to release and not yet measured.
     *
     * @param starting the starting weights, which the checkpoint leaves out
     * @param ranges of activations that the job runs with, in int8
     * @param golden images uint8 {@code [n, edge, edge, 3]}
     * @param afterEach run after each batch
     */
    void measure(StateDict starting, Optional<ActivationRanges> ranges, TensorData golden, Runnable afterEach) {
        if (job.network() == Architecture.CNN) {
            return; // has no fast pages
        }
        Optional<Found> found = book.unmeasured(job.release());
        if (found.isEmpty()) {
            return;
        }
        LocalCheckpoint checkpoint = book.fetch(found.get());
        StateDict weights = StartingPoint.whole(starting, checkpoint);
        PrecisionTrial.Result measured = trial.run(weights, ranges, golden, afterEach);
        if (!measured.scores().isEmpty()) {
            book.amend(found.get(), measured);
        }
    }
}
