package io.github.finetide.message;

import org.jspecify.annotations.Nullable;

/**
 * How a variant of a sweep did.
 *
 * @param variant counts from 0, in the order of {@link Sweep#variants}
 * @param epochs that it was trained; fewer than the job's where it was stopped early
 * @param best its best epoch by the job's bestBy
 * @param score what variants are compared by: the job's bestBy in that epoch; null where an earlier version trained it,
 *     which compared accuracies; with folds the mean over them, as are accuracy and loss of best
 * @param crossValidation of the variant, where the job has folds
 */
public record SweepVariant(
        int variant,
        SweepValues values,
        int epochs,
        Best best,
        @Nullable Double score,
        @Nullable CrossValidation crossValidation) {
    public SweepVariant {
        Check.range("variant", variant, 0, Sweep.MAX_VARIANTS - 1);
        Check.range("epochs", epochs, 1, TrainingJob.MAX_EPOCHS);
    }

    /** Whether this is better than another by what the job is the best by; the first of equals is the best. */
    public boolean isBetterThan(SweepVariant other, ValidationMetric bestBy) {
        return bestBy.gain(compared(), other.compared()) > 0;
    }

    private double compared() {
        return score == null ? best.accuracy() : score;
    }
}
