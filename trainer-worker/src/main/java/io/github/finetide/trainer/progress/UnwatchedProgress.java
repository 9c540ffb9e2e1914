package io.github.finetide.trainer.progress;

import io.github.finetide.message.FaultException;
import java.time.Duration;

/** Lets a job run to its end unreported; extend it to watch some of it. */
public class UnwatchedProgress implements Progress {
    @Override
    public void started(JobStart start) {}

    @Override
    public void batchEnded(BatchResult batch) {}

    @Override
    public void epochEnded(EpochResult result) {}

    @Override
    public void warned(String warning) {}

    @Override
    public void checkpointSaved(Duration writing, long sizeBytes) {}

    @Override
    public Directive directive() {
        return Directive.CONTINUE;
    }

    @Override
    public void awaitResume() {}

    /** Waits for nothing. */
    @Override
    public void awaitRetry(String doing, FaultException why) {
        throw why;
    }

    @Override
    public void confirmOwnership() {}
}
