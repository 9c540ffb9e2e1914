package io.github.finetide.message;

/** A mean, and the standard deviation of the population, as scikit-learn's examples give it for cross-validation. */
public record MeanDeviation(double mean, double deviation) {
    public MeanDeviation {
        Check.finite("mean", mean);
        Check.notNegative("deviation", deviation);
    }

    /** Of these values; there is one. */
    static MeanDeviation of(double... values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        double mean = sum / values.length;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return new MeanDeviation(mean, Math.sqrt(squares / values.length));
    }
}
