package io.github.finetide.trainer.learning;

import io.github.finetide.message.Schedule;
import io.github.finetide.message.TrainingJob;

/**
 * The learning rate of each epoch (epochs count from 1), as PyTorch's schedulers when stepped once an
 * epoch.
 *
 * <p>Without warm-up it is {@code StepLR(stepSize, gamma)}, {@code CosineAnnealingLR(T_max = epochs)},
 * or constant. With W warm-up epochs it is
 *
 * <pre>{@code
 * SequentialLR([LinearLR(total_iters = W), main], milestones = [W])
 * }</pre>
 *
 * with LinearLR's default factors: epoch 1 has 1/3 of the rate, growing by equal amounts, and epoch
 * W + 1 is the first of the main schedule; step counts from there, and cosine spans the epochs left
 * ({@code T_max = epochs - W}).
 */
public record LearningRate(double base, Schedule schedule, int epochs) {
    private static final double WARMUP_START = 1.0 / 3; // LinearLR's start_factor

    public static LearningRate of(TrainingJob job) {
        return new LearningRate(job.optimizer().learningRate(), job.schedule(), job.epochs());
    }

    public double at(int epoch) {
        int done = epoch - 1;
        int warmup = schedule.warmupEpochs();
        if (done < warmup) {
            return base * (WARMUP_START + (1 - WARMUP_START) * done / warmup);
        }
        return base * factor(done - warmup, epochs - warmup);
    }

    private double factor(int done, int span) {
        return switch (schedule.name()) {
            case CONSTANT -> 1;
            case STEP -> Math.pow(schedule.gamma(), Math.floorDiv(done, schedule.stepSize()));
            case COSINE -> (1 + Math.cos(Math.PI * done / span)) / 2;
        };
    }
}
