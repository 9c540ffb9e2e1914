package io.github.finetide.message;

/** How many of the newest checkpoints stay; the best one always does. */
public record CheckpointPolicy(int keep) {
    public CheckpointPolicy {
        Check.range("keep", keep, 1, TrainingJob.MAX_EPOCHS);
    }
}
