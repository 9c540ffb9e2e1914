package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Best;
import io.github.finetide.message.EarlyStopping;
import io.github.finetide.message.Scores;
import io.github.finetide.message.ValidationMetric;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.store.EpochScores;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EarlyStoppingStateTest {
    private static final EarlyStopping BY_LOSS = new EarlyStopping(ValidationMetric.LOSS, 2, 0.1);
    private static final EarlyStopping BY_ACCURACY = new EarlyStopping(ValidationMetric.ACCURACY, 2, 0);

    /** Epochs of which accuracy, loss, macro F1 and balanced accuracy are given. */
    private static EarlyStoppingState after(ValidationMetric bestBy, @Nullable EarlyStopping rule, double[]... epochs) {
        EarlyStoppingState state = EarlyStoppingState.START;
        List<EpochScores> history = new ArrayList<>();
        for (double[] e : epochs) {
            ValidationScores scores = new ValidationScores(e[1], e[0], 1, e[2], e[3]);
            history.add(new EpochScores(history.size() + 1, 0.001, new Scores(1, 0.5), scores));
            state = state.after(history, bestBy, rule);
        }
        return state;
    }

    private static double[] epoch(double accuracy, double loss, double macroF1, double balancedAccuracy) {
        return new double[] {accuracy, loss, macroF1, balancedAccuracy};
    }

    private static double[] epoch(double accuracy, double loss) {
        return epoch(accuracy, loss, 0, 0);
    }

    private static EarlyStoppingState after(@Nullable EarlyStopping rule, double[]... epochs) {
        return after(ValidationMetric.ACCURACY, rule, epochs);
    }

    @Test
    void theBestEpochIsTheFirstOfEquals() {
        EarlyStoppingState state = after(null, epoch(0.0, 3), epoch(0.5, 2), epoch(0.5, 1), epoch(0.4, 1));
        assertThat(state.best()).isEqualTo(new Best(2, 0.5, 2));
        assertThat(state.exhausted(null)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"ACCURACY, 1", "LOSS, 2", "MACRO_F1, 3", "BALANCED_ACCURACY, 4"})
    void theBestEpochIsTheBestByWhatTheJobSays(ValidationMetric bestBy, int best) {
        double[][] epochs = {
            epoch(0.9, 3, 0.1, 0.1), epoch(0.5, 1, 0.2, 0.2), epoch(0.4, 2, 0.5, 0.3), epoch(0.3, 4, 0.4, 0.6)
        };
        EarlyStopping rule = new EarlyStopping(bestBy, 5, 0);
        EarlyStoppingState state = after(bestBy, rule, epochs);
        assertThat(state.best()).extracting(Best::epoch).isEqualTo(best);
        assertThat(state.epochsWithout()).isEqualTo(4 - best);
    }

    @Test
    void aLossThatFallsByLessThanMinDeltaIsNoImprovement() {
        double[] first = epoch(0.1, 1.0);
        double[] second = epoch(0.2, 0.95);
        EarlyStoppingState state = after(BY_LOSS, first, second);
        assertThat(state.epochsWithout()).isEqualTo(1);
        assertThat(state.exhausted(BY_LOSS)).isFalse();
        assertThat(after(BY_LOSS, first, second, epoch(0.3, 0.91)).exhausted(BY_LOSS))
                .isTrue();
        assertThat(after(BY_LOSS, first, second, epoch(0.3, 0.89)).epochsWithout())
                .isZero();
    }

    @Test
    void anAccuracyThatStaysEqualIsNoImprovement() {
        assertThat(after(BY_ACCURACY, epoch(0.5, 1), epoch(0.5, 1), epoch(0.4, 1))
                        .exhausted(BY_ACCURACY))
                .isTrue();
    }
}
