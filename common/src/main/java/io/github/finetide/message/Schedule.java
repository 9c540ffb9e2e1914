package io.github.finetide.message;

/**
 * The learning rate from epoch to epoch: {@code step} multiplies it by {@code gamma} every {@code stepSize} epochs
 * (torch StepLR), {@code cosine} lets it fall to 0 over the job (torch CosineAnnealingLR), each after
 * {@code warmupEpochs} epochs of linear growth.
 */
public record Schedule(ScheduleName name, int stepSize, double gamma, int warmupEpochs) {
    public Schedule {
        Check.range("stepSize", stepSize, 1, TrainingJob.MAX_EPOCHS);
        Check.positive("gamma", gamma);
        Check.range("warmupEpochs", warmupEpochs, 0, TrainingJob.MAX_EPOCHS);
    }
}
