package io.github.finetide.trainer.progress;

import io.github.finetide.message.FaultException;
import java.util.function.Supplier;

/** Tries again what needs a store or a file server that cannot be reached; {@link Progress#awaitRetry} has the limit. */
public final class OutageRetry {
    private final ControlPoint control;
    private final Progress progress;

    public OutageRetry(ControlPoint control, Progress progress) {
        this.control = control;
        this.progress = progress;
    }

    /**
     * Does the work, again and again while it fails with something transient.
     *
     * @param doing what it does, for the log
     * @throws FaultException the last one, when the limit is reached or it is not transient
     * @throws StopTrainingException when the job is to stop meanwhile
     */
    public <T> T retry(String doing, Supplier<T> work) {
        while (true) {
            try {
                return work.get();
            } catch (FaultException failed) {
                progress.awaitRetry(doing, failed);
                control.stopIfRequested();
            }
        }
    }
}
