package io.github.finetide.message;

/**
 * How a variant of a sweep did.
 *
 * @param variant counts from 0, in the order of {@link Sweep#variants}
 * @param epochs that it was trained; fewer than the job's where it was stopped early
 * @param best its best epoch
 */
public record SweepVariant(int variant, SweepValues values, int epochs, Best best) {
    public SweepVariant {
        Check.range("variant", variant, 0, Sweep.MAX_VARIANTS - 1);
        Check.range("epochs", epochs, 1, TrainingJob.MAX_EPOCHS);
    }

    /** Whether this is better than another; the first of equals is the best. */
    public boolean isBetterThan(SweepVariant other) {
        return best.accuracy() > other.best.accuracy();
    }
}
