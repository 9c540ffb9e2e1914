package io.github.finetide.trainer.training;

import io.github.finetide.confidence.ValidationLogits;
import io.github.finetide.message.FailureSummary;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.store.Found;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.progress.Progress;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures the checkpoint that a finished job releases: the calibration of its probabilities, and its accuracy in each precision.
 * The results are added to the checkpoint. A worker that dies meanwhile leaves the checkpoint without them or complete: the
 * next one measures the same again, or finds it done.
 */
final class ReleaseMeasurement {
    private static final Logger LOG = LoggerFactory.getLogger(ReleaseMeasurement.class);

    private final TrainingJob job;
    private final CheckpointBook book;
    private final ReleaseLogits logits;
    private final PrecisionTrial trial;
    private final StateDict starting;
    private final Progress progress;
    private @Nullable RuntimeException directed;

    /** @param starting the starting weights, which the checkpoint leaves out */
    ReleaseMeasurement(
            TrainingJob job,
            CheckpointBook book,
            ReleaseLogits logits,
            PrecisionTrial trial,
            StateDict starting,
            Progress progress) {
        this.starting = starting;
        this.job = job;
        this.book = book;
        this.logits = logits;
        this.trial = trial;
        this.progress = progress;
    }

    /**
     * Measures, where a checkpoint is to be released and is not measured yet. A measurement that fails is a warning: the model is
     * finished, and is released without it.
     *
     * @param ranges of activations that the job runs with, in int8
     * @param golden images uint8 {@code [n, edge, edge, 3]}
     * @param unseen logits of training images, of models that did not learn from them: the temperature is fitted on these
     * @param afterEach run after each batch
     */
    void measure(
            Optional<ActivationRanges> ranges,
            TensorData golden,
            Optional<ValidationLogits> unseen,
            Runnable afterEach) {
        Optional<Found> found = book.unmeasured(job.release());
        if (found.isEmpty()) {
            return;
        }
        LocalCheckpoint checkpoint = book.fetch(found.get());
        StateDict weights = StartingPoint.whole(starting, checkpoint);
        Runnable watched = () -> obey(afterEach);
        Optional<ReleaseLogits.Result> own =
                attempt("its probabilities", () -> logits.run(weights, ranges.orElse(null), watched));
        if (own.isPresent()) {
            PrecisionTrial.Result precisions = attempt(
                            "other precisions", () -> trial.run(weights, ranges, golden, own.get(), watched))
                    .orElseGet(() -> PrecisionTrial.Result.none(ranges));
            ValidationLogits logits = own.get().logits();
            book.amend(found.get(), logits, unseen.orElse(logits), precisions);
        }
    }

    private <T> Optional<T> attempt(String what, Supplier<T> work) {
        try {
            return Optional.of(work.get());
        } catch (RuntimeException failed) {
            if (failed == directed) {
                throw failed;
            }
            warn(what, failed);
        } catch (OutOfMemoryError failed) {
            warn(what, failed);
        }
        return Optional.empty();
    }

    /** What a directive or a lost job throws ends the run; it is not a failed measurement. */
    private void obey(Runnable afterEach) {
        try {
            afterEach.run();
        } catch (RuntimeException thrown) {
            directed = thrown;
            throw thrown;
        }
    }

    private void warn(String what, Throwable failed) {
        LOG.warn("measuring a release failed: job={} what={}", job.jobId(), what, failed);
        String why = failed instanceof FaultException fault ? fault.getMessage() : FailureSummary.of(failed);
        progress.warned("released without measuring " + what + ": " + why);
    }
}
