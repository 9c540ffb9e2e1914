package io.github.finetide.message;

/** What a user asks of a job that waits or runs. Obeyed between batches. */
public record TrainingCommand(String jobId, Command command) implements Input {
    public TrainingCommand {
        Check.id("jobId", jobId);
    }
}
