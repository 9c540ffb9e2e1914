package io.github.finetide.message;

import org.jspecify.annotations.Nullable;

/**
 * Scores of one class; precision and recall are 0 where nothing was predicted or nothing is there.
 *
 * @param f1 their harmonic mean, 0 where both are 0; null where a worker of an earlier version counted
 */
public record ClassScores(
        String label,
        double precision,
        double recall,
        int support,
        @Nullable Double f1) {
    public ClassScores {
        Check.text("label", label);
        Check.fraction("precision", precision);
        Check.fraction("recall", recall);
        Check.atLeast("support", support, 0);
        if (f1 != null) {
            Check.fraction("f1", f1);
        }
    }

    /** Scores without F1. */
    public ClassScores(String label, double precision, double recall, int support) {
        this(label, precision, recall, support, null);
    }
}
