package io.github.finetide.message;

/** {@link Scores} of the validation set, and how often the label was among the five most probable classes. */
public record ValidationScores(double loss, double accuracy, double top5Accuracy) {
    public ValidationScores {
        Check.finite("loss", loss);
        Check.fraction("accuracy", accuracy);
        Check.fraction("top5Accuracy", top5Accuracy);
    }

    public Scores scores() {
        return new Scores(loss, accuracy);
    }
}
