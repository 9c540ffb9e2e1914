package io.github.finetide.message;

import org.jspecify.annotations.Nullable;

/** What epochs are compared by on the validation set: the best one, and early stopping. */
public enum ValidationMetric implements WireName {
    ACCURACY("accuracy"),
    LOSS("loss"),
    MACRO_F1("macroF1"),
    BALANCED_ACCURACY("balancedAccuracy");

    private final String wire;

    ValidationMetric(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }

    /** The metric's value; 0 where a worker of an earlier version did not count it. */
    public double of(ValidationScores scores) {
        return switch (this) {
            case ACCURACY -> scores.accuracy();
            case LOSS -> scores.loss();
            case MACRO_F1 -> orZero(scores.macroF1());
            case BALANCED_ACCURACY -> orZero(scores.balancedAccuracy());
        };
    }

    private static double orZero(@Nullable Double score) {
        return score == null ? 0 : score;
    }

    /** By how much a value is better than another: above 0 where it is. */
    public double gain(double value, double other) {
        return this == LOSS ? other - value : value - other;
    }
}
