package io.github.finetide.message;

/**
 * A precision measured on validation images.
 *
 * @param agreement how often it predicts what the job's own precision does
 */
public record PrecisionScores(double accuracy, double agreement) {
    public PrecisionScores {
        Check.fraction("accuracy", accuracy);
        Check.fraction("agreement", agreement);
    }
}
