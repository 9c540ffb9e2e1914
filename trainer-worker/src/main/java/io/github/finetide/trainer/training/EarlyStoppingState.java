package io.github.finetide.trainer.training;

import io.github.finetide.message.Best;
import io.github.finetide.message.EarlyStopping;
import io.github.finetide.message.ValidationMetric;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.store.EpochScores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What early stopping knows after an epoch: the best epoch so far, and for how many epochs nothing has improved.
 *
 * @param best the first epoch with the best value of the job's bestBy; null before the first epoch ended
 * @param reference the value of the early-stopping metric that the next epochs have to improve on
 * @param epochsWithout improvement by more than minDelta, in a row
 */
record EarlyStoppingState(@Nullable Best best, @Nullable Double reference, int epochsWithout) {

    static final EarlyStoppingState START = new EarlyStoppingState(null, null, 0);

    /**
     * The state after one more epoch.
     *
     * @param history of all finished epochs, the new one last
     */
    EarlyStoppingState after(List<EpochScores> history, ValidationMetric bestBy, @Nullable EarlyStopping rule) {
        EpochScores last = history.get(history.size() - 1);
        ValidationScores scores = last.validation();
        boolean isBest = best == null
                || bestBy.gain(
                                bestBy.of(scores),
                                bestBy.of(history.get(best.epoch() - 1).validation()))
                        > 0;
        Best kept = isBest || best == null ? new Best(last.epoch(), scores.accuracy(), scores.loss()) : best;
        if (rule == null) {
            return new EarlyStoppingState(kept, null, 0);
        }
        double value = rule.metric().of(scores);
        return reference == null || rule.metric().gain(value, reference) > rule.minDelta()
                ? new EarlyStoppingState(kept, value, 0)
                : new EarlyStoppingState(kept, reference, epochsWithout + 1);
    }

    /** Whether the job ends early: the last {@code patience} epochs have improved nothing. */
    boolean exhausted(@Nullable EarlyStopping rule) {
        return rule != null && epochsWithout >= rule.patience();
    }
}
