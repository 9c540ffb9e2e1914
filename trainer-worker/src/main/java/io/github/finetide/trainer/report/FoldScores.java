package io.github.finetide.trainer.report;

import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.MeanDeviation;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What a cross-validation gave: means over the folds, and how far folds are from them. */
final class FoldScores {
    private FoldScores() {}

    /** Returns nothing where there were no folds. */
    static String html(@Nullable CrossValidation scores) {
        if (scores == null) {
            return "";
        }
        return "<h2>Cross-validation</h2>\n<p>Each of " + scores.folds()
                + " parts of the training images, by a model that was trained on the others; this page's model was trained"
                + " on all of them.</p>\n<table>\n"
                + Html.row("th", "", "mean", "standard deviation")
                + Html.row(
                        "td",
                        "accuracy",
                        percent(scores.accuracy().mean()),
                        percent(scores.accuracy().deviation()))
                + row("loss", scores.loss())
                + row("macro F1", scores.macroF1()) + "</table>\n";
    }

    private static String row(String name, MeanDeviation value) {
        return Html.row("td", name, number(value.mean()), number(value.deviation()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
