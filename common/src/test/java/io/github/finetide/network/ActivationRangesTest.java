package io.github.finetide.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.finetide.tensor.StateDict;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class ActivationRangesTest {
    @Test
    void anOutlierIsCutOff() {
        double[] row = histogram(10_000_000, 20, 1);
        row[ActivationRanges.BINS - 1] = 1; // 20, among values below 1
        assertThat(ActivationRanges.maximum(row, 255)).isBetween(0.9, 3.0);
    }

    @Test
    void evenlySpreadValuesAreAllKept() {
        assertThat(ActivationRanges.maximum(histogram(100_000, 2, 1), 255)).isCloseTo(1, within(0.01));
    }

    @Test
    void theChoiceIsTheBestOfAllByTheErrorItself() {
        SplittableRandom random = new SplittableRandom(3);
        double[] row = new double[ActivationRanges.BINS + 1];
        row[ActivationRanges.BINS] = 8;
        double[] values = random.doubles(20_000)
                .map(u -> -Math.log(1 - u))
                .filter(v -> v < 8)
                .toArray();
        Arrays.stream(values).forEach(value -> row[(int) (value / 8 * ActivationRanges.BINS)]++);
        double chosen = ActivationRanges.maximum(row, 15);
        double best = error(values, chosen, 15);
        for (double other = 1; other <= 8; other += 0.05) {
            assertThat(best).isLessThanOrEqualTo(error(values, other, 15) * 1.03);
        }
    }

    private static double error(double[] values, double maximum, int levels) {
        double step = maximum / levels;
        return Arrays.stream(values)
                .map(value -> value - Math.min(levels, Math.rint(value / step)) * step)
                .map(difference -> difference * difference)
                .sum();
    }

    @Test
    void rangesComeBackFromAFile() {
        ActivationRanges ranges = ActivationRanges.choose(
                List.of("conv1", "layer1.0.downsample.0"),
                new double[][] {histogram(1000, 4, 1), histogram(1000, 4, 3)});
        assertThat(ActivationRanges.of(ranges.toStateDict()).maxima()).isEqualTo(ranges.maxima());
        assertThat(ActivationRanges.of(StateDict.of(List.of())).isEmpty()).isTrue();
    }

    /** Of values spread evenly from 0 to {@code largest}. */
    private static double[] histogram(int count, double limit, double largest) {
        double[] row = new double[ActivationRanges.BINS + 1];
        row[ActivationRanges.BINS] = limit;
        for (int i = 0; i < count; i++) {
            row[(int) (largest * i / count / limit * ActivationRanges.BINS)]++;
        }
        return row;
    }
}
