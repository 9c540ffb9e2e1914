package io.github.finetide.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EpochOrderTest {

    @Test
    void everyEpochSeesEachImageOnce() {
        for (int epoch = 1; epoch <= 20; epoch++) {
            int[] order = EpochOrder.shuffled(1000, 3, epoch);
            Arrays.sort(order);
            assertThat(order).containsExactly(EpochOrder.sequential(1000));
        }
    }

    @Test
    void theOrderFollowsFromSeedAndEpochAlone() {
        assertThat(EpochOrder.shuffled(100, 5, 2)).containsExactly(EpochOrder.shuffled(100, 5, 2));
        assertThat(EpochOrder.shuffled(100, 5, 2)).isNotEqualTo(EpochOrder.shuffled(100, 5, 3));
        assertThat(EpochOrder.shuffled(100, 5, 2)).isNotEqualTo(EpochOrder.shuffled(100, 6, 2));
    }

    @Test
    void theOrderIsPinnedBecauseResumedJobsDependOnIt() {
        assertThat(EpochOrder.shuffled(8, 0, 1)).containsExactly(7, 3, 1, 0, 4, 6, 2, 5);
    }

    @Test
    void everyPermutationIsEquallyLikely() {
        int[] seen = new int[24];
        for (int epoch = 1; epoch <= 24_000; epoch++) {
            seen[rank(EpochOrder.shuffled(4, 11, epoch))]++;
        }
        double chiSquared = Arrays.stream(seen)
                .mapToDouble(n -> (n - 1000.0) * (n - 1000.0) / 1000)
                .sum();
        assertThat(chiSquared).as("23 degrees of freedom, p = 0.001").isLessThan(49.7);
    }

    private static int rank(int[] order) {
        int rank = 0;
        for (int i = 0; i < order.length; i++) {
            int smaller = 0;
            for (int j = i + 1; j < order.length; j++) {
                smaller += order[j] < order[i] ? 1 : 0;
            }
            rank = rank * (order.length - i) + smaller;
        }
        return rank;
    }

    @Test
    void balancedDrawsAreAsManyAsImagesAndEveryClassIsEquallyLikely() {
        int[] labels = new int[5100];
        Arrays.fill(labels, 0, 100, 2); // 50 : 1, and class 1 has no image
        int[] order = EpochOrder.balanced(labels, 3, 7, 1);
        assertThat(order).hasSize(labels.length).isEqualTo(EpochOrder.balanced(labels, 3, 7, 1));
        assertThat(order).isNotEqualTo(EpochOrder.balanced(labels, 3, 7, 2));
        assertThat(order).isNotEqualTo(EpochOrder.balanced(labels, 3, 8, 1));
        long rare = Arrays.stream(order).filter(index -> labels[index] == 2).count();
        assertThat(rare).isBetween(2400L, 2700L); // 2550, and four deviations of 36
        assertThat(Arrays.stream(order).filter(index -> index < 100).distinct().count())
                .isEqualTo(100);
        assertThat(Arrays.stream(order).max().orElseThrow()).isBetween(5000, 5099);
    }
}
