package io.github.finetide.message;

/** A precision measured on the validation set: its accuracy, and how often it predicts what fp32 does. */
public record PrecisionScores(double accuracy, double agreement) {
    public PrecisionScores {
        Check.fraction("accuracy", accuracy);
        Check.fraction("agreement", agreement);
    }
}
