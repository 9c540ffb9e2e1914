package io.github.finetide.message;

import java.util.List;

/**
 * How models did on images that they did not learn from, each on another part of the training images.
 *
 * @param folds that are done
 */
public record CrossValidation(int folds, MeanDeviation accuracy, MeanDeviation loss, MeanDeviation macroF1) {
    public CrossValidation {
        Check.range("folds", folds, 1, TrainingJob.MAX_FOLDS);
    }

    /** Of the scores of each fold. */
    public static CrossValidation of(List<ValidationScores> folds) {
        return new CrossValidation(
                folds.size(),
                of(folds, ValidationMetric.ACCURACY),
                of(folds, ValidationMetric.LOSS),
                of(folds, ValidationMetric.MACRO_F1));
    }

    private static MeanDeviation of(List<ValidationScores> folds, ValidationMetric metric) {
        return MeanDeviation.of(folds.stream().mapToDouble(metric::of).toArray());
    }
}
