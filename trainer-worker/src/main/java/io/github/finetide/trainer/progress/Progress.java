package io.github.finetide.trainer.progress;

import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.ModelWeights;
import io.github.finetide.message.SweepStatus;
import io.github.finetide.message.WeightsFrom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Receives what the training loop has done, and says what it is to do next. All methods are called on the job's thread; an
 * exception from any of them ends the run and leaves the job as it is.
 */
public interface Progress {

    /** The checks are done (also called when the job resumes from a checkpoint, without checks). */
    void started(JobStart start);

    /** A batch of training or validation has gone through the network. */
    void batchEnded(BatchResult batch);

    /**
     * An epoch is saved in the store. After a damaged checkpoint an epoch that was reported before may
     * come again, with the same content.
     */
    void epochEnded(EpochResult result);

    /**
     * Which checkpoint the weights of a model mean: the same for all attempts at the job, and reported before this returns.
     *
     * @param stored finds a version's checkpoint in the store, where the topic of releases has forgotten it
     * @throws FaultException NOT_FOUND where there is no such release
     */
    default WeightsFrom weightsFrom(ModelWeights named, Supplier<Optional<WeightsFrom>> stored) {
        return stored.get().orElseThrow(named::notFound);
    }

    /** More variants of a sweep are done; those that were reported before may come again, with the same content. */
    default void variantsEnded(List<VariantResult> results, SweepStatus sweep) {}

    /**
     * A fold of a cross-validation is done; one that was reported before may come again, with the same content.
     *
     * @param soFar over this fold and those before
     */
    default void foldEnded(FoldResult result, CrossValidation soFar) {}

    /** A warning for the user, while the job goes on: all statuses from now on have it. */
    void warned(String warning);

    /** A checkpoint, of an epoch or within one, is in the store; it took so long to write and check. */
    void checkpointSaved(Duration writing, long sizeBytes);

    /** The job looked for features, or computed some. */
    default void featuresChanged(FeatureCounts counts) {}

    /** Returns what to do next. Called between batches, and must return at once; the same until it is obeyed. */
    Directive directive();

    /** {@link Directive#CHECKPOINT} was obeyed: all that is done is in the store. */
    default void checkpointObeyed() {}

    /** Called after {@link Directive#PAUSE} was obeyed; returns when the directive has changed. */
    void awaitResume() throws InterruptedException;

    /**
     * Something that the job needs is away: returns when it is to be tried again, or when the job is to stop.
     *
     * @param doing what failed, for the log
     * @throws FaultException the same, where it does not pass or was waited for long enough
     */
    void awaitRetry(String doing, FaultException why);

    /**
     * Called right before anything becomes visible in the store; throws when the job has meanwhile
     * moved on to another worker, so that this one damages nothing.
     */
    void confirmOwnership();
}
