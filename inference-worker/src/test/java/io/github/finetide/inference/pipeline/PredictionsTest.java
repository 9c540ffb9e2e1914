package io.github.finetide.inference.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Prediction;
import java.util.List;
import org.junit.jupiter.api.Test;

class PredictionsTest {
    private static final List<String> NAMES = List.of("soup", "bread", "rice", "fish");

    @Test
    void bestComeFirst() {
        List<Prediction> best = Predictions.best(new float[] {0.1f, 0.5f, 0.25f, 0.15f}, NAMES, 3);

        assertThat(best).extracting(Prediction::label).containsExactly("bread", "rice", "fish");
        assertThat(best).extracting(Prediction::classId).containsExactly(1, 2, 3);
        assertThat(best.get(0).probability()).isEqualTo(0.5);
    }

    @Test
    void ofEqualOnesTheLowerClassComesFirst() {
        List<Prediction> best = Predictions.best(new float[] {0.25f, 0.25f, 0.25f, 0.25f}, NAMES, 2);

        assertThat(best).extracting(Prediction::classId).containsExactly(0, 1);
    }

    @Test
    void noMoreThanThereAreClasses() {
        assertThat(Predictions.best(new float[] {1, 0, 0, 0}, NAMES, 100)).hasSize(4);
    }

    @Test
    void roundingAboveOneIsNoError() {
        assertThat(Predictions.best(new float[] {1.0000001f, 0, 0, 0}, NAMES, 1)
                        .get(0)
                        .probability())
                .isEqualTo(1);
    }

    @Test
    void notANumberIsSeen() {
        assertThat(Predictions.areFinite(new float[] {0, Float.NaN})).isFalse();
        assertThat(Predictions.areFinite(new float[] {0, 1})).isTrue();
    }
}
