package io.github.finetide.trainer.report;

import io.github.finetide.message.SweepVariant;
import io.github.finetide.message.ValidationMetric;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The table of a sweep's variants, in their order; the model of the report is the first that is best by the job's bestBy. */
final class SweepRows {
    private SweepRows() {}

    /** Returns nothing where there was no sweep. */
    static String html(@Nullable List<SweepVariant> variants, ValidationMetric bestBy) {
        if (variants == null) {
            return "";
        }
        StringBuilder table = new StringBuilder("<h2>Sweep</h2>\n<table>\n");
        table.append(Html.row(
                "th",
                "variant",
                "learning rate",
                "weight decay",
                "label smoothing",
                "optimizer",
                "epochs",
                "best epoch",
                "accuracy",
                "loss",
                "compared by " + bestBy.wire()));
        variants.forEach(variant -> table.append(Html.row(
                "td",
                variant.variant(),
                shown(variant.values().learningRate()),
                shown(variant.values().weightDecay()),
                shown(variant.values().labelSmoothing()),
                variant.values().optimizer() == null
                        ? ""
                        : variant.values().optimizer().wire(),
                variant.epochs(),
                variant.best().epoch(),
                String.format(Locale.ROOT, "%.2f %%", 100 * variant.best().accuracy()),
                String.format(Locale.ROOT, "%.4f", variant.best().loss()),
                variant.score() == null ? "" : String.format(Locale.ROOT, "%.4f", variant.score()))));
        return table.append("</table>\n").toString();
    }

    private static String shown(@Nullable Double value) {
        return value == null ? "" : value.toString();
    }
}
