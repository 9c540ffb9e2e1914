package io.github.finetide.confidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.finetide.message.AnswerProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class StabilityIndexTest {
    private static void add(StabilityIndex index, int bin, int times) {
        for (int i = 0; i < times; i++) {
            index.add(bin);
        }
    }

    @Test
    void indexIsTheFormulasValue() {
        StabilityIndex index = new StabilityIndex(List.of(60, 30, 10));
        add(index, 0, 200);
        add(index, 1, 400);
        add(index, 2, 400);
        // By hand: p = (200.5, 400.5, 400.5) / 1001.5, q = (60.5, 30.5, 10.5) / 101.5.
        assertThat(index.value()).isCloseTo(0.86115, within(1e-5));
    }

    @Test
    void answersLikeValidationHaveNoneWhateverCameBeforeThem() {
        StabilityIndex index = new StabilityIndex(List.of(500, 300, 200));
        add(index, 2, 700);
        assertThat(index.value()).isGreaterThan(1);
        add(index, 0, 500);
        add(index, 1, 300);
        add(index, 2, 200);
        assertThat(index.value()).isLessThan(1e-4);
    }

    @Test
    void fewAnswersSayNothing() {
        StabilityIndex index = new StabilityIndex(List.of(50, 50));
        add(index, 0, StabilityIndex.LEAST_ANSWERS - 1);
        assertThat(index.value()).isNaN();
        add(index, 0, 1);
        assertThat(index.value()).isGreaterThan(1);
    }

    @Test
    void rareBinsAreOneGroupAndACommonOneIsAlone() {
        assertThat(new StabilityIndex(List.of(3, 4, 2, 90, 1)).groups())
                .containsExactly(List.of(0, 1, 2), List.of(3), List.of(4));
        assertThat(new StabilityIndex(Collections.nCopies(1000, 1)).groups())
                .hasSize(10)
                .allSatisfy(group -> assertThat(group).hasSize(100));
    }

    /** A model that is sure of everything in validation, and now and then is not. */
    @Test
    void doubtsWhereThereWereNoneAreSeen() {
        List<Integer> sure = new ArrayList<>(Collections.nCopies(AnswerProfile.BINS, 0));
        sure.set(AnswerProfile.BINS - 1, 200);
        StabilityIndex index = new StabilityIndex(sure);
        add(index, AnswerProfile.bin(1), 900);
        assertThat(index.value()).isLessThan(0.1);
        add(index, AnswerProfile.bin(0.4), 100);
        assertThat(index.value()).isGreaterThan(0.25);
    }

    /** So rarely that an alert that lasts half an hour does not come of it. */
    @Test
    void chanceAloneIsHardlyEverMuch() {
        Random random = new Random(11);
        int large = 0;
        for (int run = 0; run < 200; run++) {
            int[] images = new int[20];
            random.ints(StabilityIndex.LEAST_IMAGES, 0, 20).forEach(bin -> images[bin]++);
            StabilityIndex index =
                    new StabilityIndex(Arrays.stream(images).boxed().toList());
            random.ints(StabilityIndex.WINDOW, 0, 20).forEach(index::add);
            large += index.value() > 0.25 ? 1 : 0;
        }
        assertThat(large).isLessThanOrEqualTo(4);
    }
}
