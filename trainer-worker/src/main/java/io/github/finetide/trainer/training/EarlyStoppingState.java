package io.github.finetide.trainer.training;

import io.github.finetide.message.Best;
import io.github.finetide.message.EarlyStopping;
import io.github.finetide.message.StoppingMetric;
import org.jspecify.annotations.Nullable;

/**
 * Where a job stands after an epoch: its best epoch so far, and how long it has not improved.
 *
 * @param best the first epoch with the highest validation accuracy; null before the first epoch ended
 * @param reference the value of the early-stopping metric that the next epochs have to improve on
 * @param epochsWithout improvement by more than minDelta, in a row
 */
record EarlyStoppingState(@Nullable Best best, @Nullable Double reference, int epochsWithout) {

    static final EarlyStoppingState START = new EarlyStoppingState(null, null, 0);

    EarlyStoppingState after(int epoch, double accuracy, double loss, @Nullable EarlyStopping rule) {
        Best kept = best == null || accuracy > best.accuracy() ? new Best(epoch, accuracy, loss) : best;
        if (rule == null) {
            return new EarlyStoppingState(kept, null, 0);
        }
        boolean byLoss = rule.metric() == StoppingMetric.LOSS;
        double value = byLoss ? loss : accuracy;
        if (reference == null || (byLoss ? reference - value : value - reference) > rule.minDelta()) {
            return new EarlyStoppingState(kept, value, 0);
        }
        return new EarlyStoppingState(kept, reference, epochsWithout + 1);
    }

    /** Whether the job ends early, the last {@code patience} epochs having improved nothing. */
    boolean exhausted(@Nullable EarlyStopping rule) {
        return rule != null && epochsWithout >= rule.patience();
    }
}
