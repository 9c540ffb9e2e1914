package io.github.finetide.trainer.progress;

import io.github.finetide.message.Trainable;
import io.github.finetide.message.TrainingJob;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How much of a job is done, and how long the rest takes at the pace so far. The unit of work is one image
 * through the network without gradients.
 */
public final class JobProgressEstimator {
    // Training against evaluating on 2 cores with resnet152: 7.5, 5.4 and 1.2 images/s against 8 to 9.
    private static final double TRAIN_HEAD = 1.1;
    private static final double TRAIN_LAYER4 = 1.6;
    private static final double TRAIN_ALL = 7;
    private static final double CACHED = 0.002; // an image whose features are at hand: the head alone

    private final LongSupplier nanoTime;
    private long began;
    private boolean paced;
    private final double perTrained;
    private final double perValidated;
    private double total;
    private final double run;
    private double done;
    private double doneBefore;

    /**
     * Counts a job's work from its beginning.
     *
     * @param views how many tables of training features are computed; 0 where there is no such table
     * @param cachedValidation whether validation features are computed once
     */
    public JobProgressEstimator(
            TrainingJob job, long trainImages, long validationImages, int views, boolean cachedValidation) {
        this(job, trainImages, validationImages, views, cachedValidation, System::nanoTime);
    }

    JobProgressEstimator(
            TrainingJob job,
            long trainImages,
            long validationImages,
            int views,
            boolean cachedValidation,
            LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        perTrained = views > 0 ? CACHED : trainCost(job.trainable());
        perValidated = cachedValidation ? CACHED : 1;
        double once = (double) views * trainImages + (cachedValidation ? validationImages : 0);
        run = job.epochs() * (perTrained * trainImages + perValidated * validationImages);
        total = once + run;
    }

    /** The job's epochs come once more for each variant of a sweep, some of which are done. */
    public void among(int variants, int done) {
        total += variants * run;
        doneBefore += done * run;
    }

    private static double trainCost(Trainable trainable) {
        return switch (trainable) {
            case HEAD -> TRAIN_HEAD;
            case LAYER4 -> TRAIN_LAYER4;
            case ALL -> TRAIN_ALL;
        };
    }

    /** The pace is measured from now on: what came before (checks, downloads) is not repeated. */
    public void begin() {
        if (!paced) {
            paced = true;
            began = nanoTime.getAsLong();
        }
    }

    /** Runs something whose time does not count for the pace: a pause, or saving on command. */
    public void aside(Runnable other) {
        long before = nanoTime.getAsLong();
        other.run();
        began += nanoTime.getAsLong() - before;
    }

    /** Work that an earlier worker did: it counts as progress, but not for the pace. */
    public void doneBefore(long trained, long validated) {
        doneBefore += trained * perTrained + validated * perValidated;
    }

    public void trained(int images) {
        done += images * perTrained;
    }

    public void validated(int images) {
        done += images * perValidated;
    }

    /** Features that another worker computed: they count as progress, but not for the pace. */
    void featuresReused(int images) {
        doneBefore += images;
    }

    public void featuresComputed(int images) {
        done += images;
    }

    /** Returns the work of the whole job, in images through the network without gradients. */
    public double total() {
        return total;
    }

    /** Returns the share of the job that is done, 0..1. */
    public double progress() {
        return Math.min(1, (doneBefore + done) / total);
    }

    /** Returns how long the rest takes; zero as long as nothing is known of the pace. */
    public Duration eta() {
        if (done == 0) {
            return Duration.ZERO;
        }
        double left = Math.max(0, total - doneBefore - done);
        return Duration.ofNanos((long) ((nanoTime.getAsLong() - began) * (left / done)));
    }
}
