package io.github.finetide.trainer.progress;

import io.github.finetide.store.Found;
import java.util.Optional;

/** How a job left the training loop; a failure is a FaultException instead. */
public sealed interface JobOutcome {

    /**
     * All epochs done, or stopped early.
     *
     * @param best empty for a dry run only, as is last
     * @param measured the checkpoint to be released, where its precisions were measured
     * @param findings in the images, where they were looked at
     */
    record Finished(
            Ending ending,
            Optional<SavedCheckpoint> best,
            Optional<SavedCheckpoint> last,
            Optional<Found> measured,
            Optional<ReviewedData> findings)
            implements JobOutcome {

        /** Where nobody looked at the images. */
        public Finished(
                Ending ending,
                Optional<SavedCheckpoint> best,
                Optional<SavedCheckpoint> last,
                Optional<Found> measured) {
            this(ending, best, last, measured, Optional.empty());
        }
    }

    /** Stopped by {@link Directive#CANCEL}; what had been finished by then may still be released. */
    record Cancelled(Optional<SavedCheckpoint> best, Optional<SavedCheckpoint> last) implements JobOutcome {
        /** Whether there is something to release. */
        public boolean isComplete() {
            return best.isPresent() && last.isPresent();
        }
    }

    /** Stopped by {@link Directive#HAND_OVER}; the next run of the job goes on where this one stopped. */
    record HandedOver() implements JobOutcome {}

    /** Why a job is finished. */
    enum Ending {
        ALL_EPOCHS,
        EARLY_STOPPING,
        DRY_RUN
    }
}
