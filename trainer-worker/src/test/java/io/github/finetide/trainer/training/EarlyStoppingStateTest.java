package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Best;
import io.github.finetide.message.EarlyStopping;
import io.github.finetide.message.StoppingMetric;
import org.junit.jupiter.api.Test;

class EarlyStoppingStateTest {
    private static final EarlyStopping BY_LOSS = new EarlyStopping(StoppingMetric.LOSS, 2, 0.1);
    private static final EarlyStopping BY_ACCURACY = new EarlyStopping(StoppingMetric.ACCURACY, 2, 0);

    @Test
    void theBestEpochIsTheFirstOfEquals() {
        EarlyStoppingState standing = EarlyStoppingState.START
                .after(1, 0.0, 3, null)
                .after(2, 0.5, 2, null)
                .after(3, 0.5, 1, null)
                .after(4, 0.4, 1, null);
        assertThat(standing.best()).isEqualTo(new Best(2, 0.5, 2));
        assertThat(standing.exhausted(null)).isFalse();
    }

    @Test
    void aLossThatFallsByLessThanMinDeltaIsNoImprovement() {
        EarlyStoppingState standing =
                EarlyStoppingState.START.after(1, 0.1, 1.0, BY_LOSS).after(2, 0.2, 0.95, BY_LOSS);
        assertThat(standing.epochsWithout()).isEqualTo(1);
        assertThat(standing.exhausted(BY_LOSS)).isFalse();
        assertThat(standing.after(3, 0.3, 0.91, BY_LOSS).exhausted(BY_LOSS)).isTrue();
        assertThat(standing.after(3, 0.3, 0.89, BY_LOSS).epochsWithout()).isZero();
    }

    @Test
    void anAccuracyThatStaysEqualIsNoImprovement() {
        EarlyStoppingState standing = EarlyStoppingState.START
                .after(1, 0.5, 1, BY_ACCURACY)
                .after(2, 0.5, 1, BY_ACCURACY)
                .after(3, 0.4, 1, BY_ACCURACY);
        assertThat(standing.exhausted(BY_ACCURACY)).isTrue();
    }
}
