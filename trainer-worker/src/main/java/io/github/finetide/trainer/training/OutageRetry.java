package io.github.finetide.trainer.training;

import io.github.finetide.message.FaultException;
import java.util.function.Supplier;

/** Tries again what needs a store or a file server that cannot be reached; {@link Progress#awaitRetry} has the limit. */
final class OutageRetry {
    private final ControlPoint gate;
    private final Progress progress;

    OutageRetry(ControlPoint gate, Progress progress) {
        this.gate = gate;
        this.progress = progress;
    }

    /**
     * Does the work, again and again while it fails with something transient.
     *
     * @param doing what it does, for the log
     * @throws FaultException the last one, when the limit is reached or it is not transient
     * @throws StopTrainingException when the job is to stop meanwhile
     */
    <T> T retry(String doing, Supplier<T> work) {
        while (true) {
            try {
                return work.get();
            } catch (FaultException failed) {
                progress.awaitRetry(doing, failed);
                gate.stopIfTold();
            }
        }
    }
}
