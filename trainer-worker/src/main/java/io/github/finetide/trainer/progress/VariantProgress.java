package io.github.finetide.trainer.progress;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.ModelWeights;
import io.github.finetide.message.WeightsFrom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Collects a variant's epochs, and passes on all else. */
public final class VariantProgress implements Progress {
    private final Progress job;
    private final List<EpochResult> epochs = new ArrayList<>();

    public VariantProgress(Progress job) {
        this.job = job;
    }

    public List<EpochResult> epochs() {
        return epochs;
    }

    @Override
    public void epochEnded(EpochResult result) {
        epochs.add(result);
    }

    @Override
    public void started(JobStart start) {
        job.started(start);
    }

    @Override
    public void batchEnded(BatchResult batch) {
        job.batchEnded(batch);
    }

    @Override
    public void featuresChanged(FeatureCounts counts) {
        job.featuresChanged(counts);
    }

    @Override
    public WeightsFrom weightsFrom(ModelWeights named, Supplier<Optional<WeightsFrom>> stored) {
        return job.weightsFrom(named, stored);
    }

    @Override
    public void warned(String warning) {
        job.warned(warning);
    }

    @Override
    public void checkpointSaved(Duration writing, long sizeBytes) {
        job.checkpointSaved(writing, sizeBytes);
    }

    @Override
    public Directive directive() {
        return job.directive();
    }

    @Override
    public void checkpointObeyed() {
        job.checkpointObeyed();
    }

    @Override
    public void awaitResume() throws InterruptedException {
        job.awaitResume();
    }

    @Override
    public void awaitRetry(String doing, FaultException why) {
        job.awaitRetry(doing, why);
    }

    @Override
    public void confirmOwnership() {
        job.confirmOwnership();
    }
}
