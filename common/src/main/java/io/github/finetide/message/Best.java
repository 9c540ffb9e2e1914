package io.github.finetide.message;

/** The best epoch so far by the job's {@code bestBy} (the first of equals). */
public record Best(int epoch, double accuracy, double loss) {
    public Best {
        Check.range("epoch", epoch, 1, TrainingJob.MAX_EPOCHS);
        Check.fraction("accuracy", accuracy);
        Check.finite("loss", loss);
    }
}
