package io.github.finetide.trainer.progress;

import io.github.finetide.message.FeatureCounts;
import io.github.finetide.trainer.data.FeatureEvents;

/** Counts a job's features, and passes the counts on. */
public final class FeatureAccount implements FeatureEvents {
    private final JobProgressEstimator work;
    private final Progress progress;
    private FeatureCounts counts = FeatureCounts.NONE;

    public FeatureAccount(JobProgressEstimator work, Progress progress) {
        this.work = work;
        this.progress = progress;
    }

    @Override
    public void found(int reused, int missing) {
        counts = counts.withFound(reused, missing);
        work.featuresReused(reused);
        progress.featuresChanged(counts);
    }

    @Override
    public void computed(int images) {
        counts = counts.withComputed(images);
        progress.featuresChanged(counts);
    }

    /** The pace is that of all together. */
    @Override
    public void helped(int images) {
        counts = counts.withHelped(images);
        work.featuresComputed(images);
        progress.featuresChanged(counts);
    }
}
