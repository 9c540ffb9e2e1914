package io.github.finetide.trainer.learning;

/** Nanoseconds of each phase of a step; zero for a phase that it does not have. */
public record StepTimes(long data, long forward, long backward, long update) {
    public StepTimes afterWaiting(long nanos) {
        return new StepTimes(nanos, forward, backward, update);
    }
}
