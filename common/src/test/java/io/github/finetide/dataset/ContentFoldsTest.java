package io.github.finetide.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What scikit-learn promises of StratifiedKFold, and what follows from contents. */
class ContentFoldsTest {
    private static final long SEED = Long.getLong("finetide.seed", System.nanoTime());

    @Test
    void foldsAndTheirPartsOfEachClassDifferByOneAtMost() {
        System.out.println("-Dfinetide.seed=" + SEED);
        Random random = new Random(SEED);
        for (int round = 0; round < 50; round++) {
            int folds = 2 + random.nextInt(9);
            int classes = 1 + random.nextInt(6);
            int images = folds * classes + random.nextInt(200);
            List<Integer> labels = random.ints(images, 0, classes).boxed().toList();
            int[] members = ContentFolds.of(contents(images), labels, folds, random.nextLong());
            assertWithinOne(members, folds, IntStream.range(0, images).toArray());
            for (int label = 0; label < classes; label++) {
                int wanted = label;
                assertWithinOne(
                        members,
                        folds,
                        IntStream.range(0, images)
                                .filter(i -> labels.get(i) == wanted)
                                .toArray());
            }
        }
    }

    private static void assertWithinOne(int[] members, int folds, int[] images) {
        int[] counts = new int[folds];
        for (int image : images) {
            counts[members[image] - 1]++;
        }
        assertThat(Arrays.stream(counts).max().orElseThrow()
                        - Arrays.stream(counts).min().orElseThrow())
                .as(Arrays.toString(counts))
                .isLessThanOrEqualTo(1);
    }

    @Test
    void orderDoesNotMatterAndTheSeedDoes() {
        List<String> contents = contents(60);
        Map<String, Integer> first = members(contents, 7);
        List<String> shuffled = new ArrayList<>(contents);
        Collections.shuffle(shuffled, new Random(1));

        assertThat(members(shuffled, 7)).isEqualTo(first);
        assertThat(members(contents, 8)).isNotEqualTo(first);
    }

    private static Map<String, Integer> members(List<String> contents, long seed) {
        List<Integer> labels = contents.stream()
                .map(content -> Character.digit(content.charAt(0), 16) % 3)
                .toList();
        int[] members = ContentFolds.of(contents, labels, 5, seed);
        Map<String, Integer> byContent = new HashMap<>();
        for (int i = 0; i < members.length; i++) {
            byContent.put(contents.get(i), members[i]);
        }
        return byContent;
    }

    @Test
    void imagesOfEqualBytesAreInOneFold() {
        List<String> contents = new ArrayList<>(contents(20));
        contents.addAll(contents(20));
        int[] members = ContentFolds.of(contents, Collections.nCopies(40, 0), 4, 0);

        assertThat(Arrays.copyOf(members, 20)).isEqualTo(Arrays.copyOfRange(members, 20, 40));
    }

    @Test
    void moreFoldsThanImagesOfAnyClassAreRefused() {
        assertThatThrownBy(() -> ContentFolds.of(contents(4), List.of(0, 0, 1, 1), 3, 0))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining("folds")
                .hasMessageContaining("(2)");
    }

    private static List<String> contents(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> Sha256.hex(("image " + i).getBytes(StandardCharsets.UTF_8)))
                .toList();
    }
}
