package io.github.finetide.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ContentSplitTest {
    private static final int IMAGES = 5000;

    @Test
    void everyClassGivesAboutTheFraction() {
        boolean[] validates = ContentSplit.validates(contents(IMAGES), labels(IMAGES), 0.2, 7);

        for (int label = 0; label < 5; label++) {
            int of = label;
            long count = IntStream.range(0, IMAGES)
                    .filter(i -> i % 5 == of && validates[i])
                    .count();
            assertThat(count).isBetween(150L, 250L); // 200 of 1,000, four standard deviations
        }
    }

    @Test
    void imagesThatAreAddedMoveNoneOfTheOthers() {
        Set<String> before = validating(contents(IMAGES / 2), labels(IMAGES / 2), 7);
        Set<String> after = validating(contents(IMAGES), labels(IMAGES), 7);

        after.retainAll(contents(IMAGES / 2));
        assertThat(after).isEqualTo(before).isNotEmpty();
    }

    @Test
    void equalContentsAreOnOneSideWhateverTheirClass() {
        List<String> contents = new ArrayList<>(contents(100));
        contents.addAll(contents(100));
        List<Integer> labels = new ArrayList<>(labels(100));
        labels.addAll(labels(101).subList(1, 101));

        boolean[] validates = ContentSplit.validates(contents, labels, 0.5, 0);

        for (int i = 0; i < 100; i++) {
            assertThat(validates[i]).isEqualTo(validates[i + 100]);
        }
    }

    @Test
    void anotherSeedDividesOtherwise() {
        assertThat(validating(contents(IMAGES), labels(IMAGES), 1))
                .isNotEqualTo(validating(contents(IMAGES), labels(IMAGES), 2));
    }

    @Test
    void noClassLosesItsLastTrainingImage() {
        List<Integer> aClassEach = IntStream.range(0, 100).boxed().toList();

        assertThat(ContentSplit.validates(contents(100), aClassEach, 0.9, 0)).containsOnly(false);
    }

    private static Set<String> validating(List<String> contents, List<Integer> labels, long seed) {
        boolean[] validates = ContentSplit.validates(contents, labels, 0.2, seed);
        Set<String> result = new HashSet<>();
        IntStream.range(0, validates.length).filter(i -> validates[i]).forEach(i -> result.add(contents.get(i)));
        return result;
    }

    private static List<String> contents(int count) {
        return IntStream.range(0, count).mapToObj(i -> "%064x".formatted(i)).toList();
    }

    private static List<Integer> labels(int count) {
        return IntStream.range(0, count).mapToObj(i -> i % 5).toList();
    }
}
