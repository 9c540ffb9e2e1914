package io.github.finetide.trainer.learning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.finetide.message.ClassScores;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.trainer.training.TrainingGolden;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluationAccumulatorTest {

    @Test
    void scoresAreThoseOfTheArticleClassByClass() {
        EvaluationAccumulator scores = new EvaluationAccumulator(List.of("cat", "dog", "cow"));
        // Two classes of each image count as "top five" here: the rest is left out by hand.
        scores.add(1.0f, new long[] {0, 1, 1}, new long[] {0, 1, 1, 0, 1, 2}, new int[] {0, 1, 2});
        scores.add(4.0f, new long[] {1}, new long[] {1, 2}, new int[] {0});

        Evaluation evaluation = scores.evaluation();
        assertThat(evaluation.scores()).isEqualTo(new ValidationScores(2.5, 0.5, 0.75, (2 / 3.0 + 0.5) / 3, 0.5));
        assertThat(evaluation.confusionMatrix()).containsExactly(List.of(1, 1, 0), List.of(0, 1, 0), List.of(0, 1, 0));
        assertThat(evaluation.perClass())
                .containsExactly(
                        new ClassScores("cat", 1, 0.5, 2, 2 / 3.0),
                        new ClassScores("dog", 1.0 / 3, 1, 1, 0.5),
                        new ClassScores("cow", 0, 0, 1, 0.0));
    }

    @Test
    void scoresOfUnequalClassesAreThoseOfScikitLearn() throws IOException {
        for (JsonNode golden : TrainingGolden.read("scores.json")) {
            int classes = golden.get("classes").asInt();
            int[] labels = ints(golden.get("labels"));
            long[] predicted =
                    Arrays.stream(ints(golden.get("predicted"))).asLongStream().toArray();
            EvaluationAccumulator scores = new EvaluationAccumulator(
                    IntStream.range(0, classes).mapToObj(Integer::toString).toList());
            scores.add(1, predicted, predicted, labels);
            ValidationScores validation = scores.evaluation().scores();
            assertThat(validation.macroF1()).isCloseTo(golden.get("macroF1").asDouble(), within(1e-12));
            assertThat(validation.balancedAccuracy())
                    .isCloseTo(golden.get("balancedAccuracy").asDouble(), within(1e-12));
            for (int i = 0; i < classes; i++) {
                assertThat(Objects.requireNonNull(scores.evaluation().perClass())
                                .get(i)
                                .f1())
                        .isCloseTo(golden.get("f1").get(i).asDouble(), within(1e-12));
            }
        }
    }

    private static int[] ints(JsonNode array) {
        return IntStream.range(0, array.size()).map(i -> array.get(i).asInt()).toArray();
    }

    @Test
    void manyClassesGiveNoTableThatWouldNotFitAMessage() {
        int classes = EpochMetrics.MAX_CLASS_SCORES + 1;
        EvaluationAccumulator scores = new EvaluationAccumulator(
                IntStream.range(0, classes).mapToObj(Integer::toString).toList());
        scores.add(1, new long[] {7}, new long[] {7, 1, 2, 3, 4}, new int[] {7});
        assertThat(scores.evaluation().confusionMatrix()).isNull();
        assertThat(scores.evaluation().perClass()).isNull();
        assertThat(scores.evaluation().scores().accuracy()).isEqualTo(1);
    }

    @Test
    void aPassThatGoesOnFromItsSumsEqualsAnUnbrokenOne() {
        ScoreAccumulator unbroken = new ScoreAccumulator();
        ScoreAccumulator first = new ScoreAccumulator();
        unbroken.add(0.1f, new long[] {0, 1}, new int[] {0, 0});
        first.add(0.1f, new long[] {0, 1}, new int[] {0, 0});
        ScoreAccumulator resumed = new ScoreAccumulator(first.sums());
        unbroken.add(0.7f, new long[] {1}, new int[] {1});
        resumed.add(0.7f, new long[] {1}, new int[] {1});
        assertThat(resumed.sums()).isEqualTo(unbroken.sums());
        assertThat(resumed.scores()).isEqualTo(unbroken.scores());
    }
}
