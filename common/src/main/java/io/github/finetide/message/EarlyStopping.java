package io.github.finetide.message;

/** Ends a job when the metric has not improved by more than {@code minDelta} for {@code patience} epochs. */
public record EarlyStopping(ValidationMetric metric, int patience, double minDelta) {
    public EarlyStopping {
        Check.range("patience", patience, 1, TrainingJob.MAX_EPOCHS);
        Check.notNegative("minDelta", minDelta);
    }
}
