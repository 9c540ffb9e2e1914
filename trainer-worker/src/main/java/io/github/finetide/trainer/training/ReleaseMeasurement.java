package io.github.finetide.trainer.training;

import io.github.finetide.confidence.ConfidenceFit;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.Optional;

/**
 * Measures what the probabilities of the checkpoint that a finished job releases are worth and in which precisions it may
 * be served, and adds it to the checkpoint. A worker that dies meanwhile leaves the checkpoint as it was or as it will be: the next one
 * measures the same again, or finds it done.
 */
final class ReleaseMeasurement {
    private final TrainingJob job;
    private final CheckpointBook book;
    private final ReleaseLogits logits;
    private final PrecisionTrial trial;
    private final StateDict starting;

    /** @param starting the starting weights, which the checkpoint leaves out */
    ReleaseMeasurement(
            TrainingJob job, CheckpointBook book, ReleaseLogits logits, PrecisionTrial trial, StateDict starting) {
        this.starting = starting;
        this.job = job;
        this.book = book;
        this.logits = logits;
        this.trial = trial;
    }

    /**
     * Does it, where there is something to release and not yet measured.
     *
     * @param ranges of activations that the job runs with, in int8
     * @param golden images uint8 {@code [n, edge, edge, 3]}
     * @param afterEach run after each batch
     */
    void measure(Optional<ActivationRanges> ranges, TensorData golden, Runnable afterEach) {
        Optional<Found> found = book.unmeasured(job.release());
        if (found.isEmpty()) {
            return;
        }
        LocalCheckpoint checkpoint = book.fetch(found.get());
        StateDict weights = StartingPoint.whole(starting, checkpoint);
        ReleaseLogits.Result own = logits.run(weights, ranges.orElse(null), afterEach);
        PrecisionTrial.Result precisions = trial.run(weights, ranges, golden, own, afterEach);
        book.amend(found.get(), ConfidenceFit.of(own.logits()), precisions);
    }
}
