package io.github.finetide.message;

import org.jspecify.annotations.Nullable;

/**
 * {@link Scores} of the validation set, and what does not lean on how many images each class has.
 *
 * @param top5Accuracy how often the label was among the five most probable classes
 * @param macroF1 scikit-learn's {@code f1_score(average="macro")}: the mean over the classes that are there or predicted;
 *     null where a worker of an earlier version counted
 * @param balancedAccuracy scikit-learn's {@code balanced_accuracy_score}: the mean recall of the classes that are there;
 *     null as well
 */
public record ValidationScores(
        double loss,
        double accuracy,
        double top5Accuracy,
        @Nullable Double macroF1,
        @Nullable Double balancedAccuracy) {
    public ValidationScores {
        Check.finite("loss", loss);
        Check.fraction("accuracy", accuracy);
        Check.fraction("top5Accuracy", top5Accuracy);
        if (macroF1 != null) {
            Check.fraction("macroF1", macroF1);
        }
        if (balancedAccuracy != null) {
            Check.fraction("balancedAccuracy", balancedAccuracy);
        }
    }

    /** Scores that know nothing of single classes. */
    public ValidationScores(double loss, double accuracy, double top5Accuracy) {
        this(loss, accuracy, top5Accuracy, null, null);
    }

    public Scores scores() {
        return new Scores(loss, accuracy);
    }
}
