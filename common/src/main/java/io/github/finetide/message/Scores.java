package io.github.finetide.message;

/** Loss (mean of the batch losses) and accuracy (correct / size) over a data set. */
public record Scores(double loss, double accuracy) {
    public Scores {
        Check.finite("loss", loss);
        Check.fraction("accuracy", accuracy);
    }
}
