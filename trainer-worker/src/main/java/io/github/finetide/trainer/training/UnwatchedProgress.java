package io.github.finetide.trainer.training;

import java.time.Duration;

/** Lets a job run to its end without telling anybody; extend it to watch some of it. */
public class UnwatchedProgress implements Progress {
    @Override
    public void started(JobStart start) {}

    @Override
    public void batchEnded(BatchResult batch) {}

    @Override
    public void epochEnded(EpochResult result) {}

    @Override
    public void checkpointSaved(Duration writing, long sizeBytes) {}

    @Override
    public Directive directive() {
        return Directive.CONTINUE;
    }

    @Override
    public void awaitResume() {}

    @Override
    public void confirmOwnership() {}
}
