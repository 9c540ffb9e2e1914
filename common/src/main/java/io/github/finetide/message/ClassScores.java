package io.github.finetide.message;

/** Scores of one class; precision and recall are 0 where nothing was predicted or nothing is there. */
public record ClassScores(String label, double precision, double recall, int support) {
    public ClassScores {
        Check.text("label", label);
        Check.fraction("precision", precision);
        Check.fraction("recall", recall);
        Check.atLeast("support", support, 0);
    }
}
