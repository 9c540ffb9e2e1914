package io.github.finetide.inference.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.inference.pipeline.BatchBisection.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchBisectionTest {
    private final List<Integer> sizes = new ArrayList<>();

    @Test
    void goodBatchRunsOnce() {
        assertThat(failed(32, Set.of())).isEmpty();
        assertThat(sizes).containsExactly(32);
    }

    @Test
    void onlyTheCulpritFails() {
        assertThat(failed(32, Set.of(13))).containsExactly(13);
    }

    @Test
    void culpritIsFoundInTwiceTheLogarithmOfRuns() {
        failed(32, Set.of(13));

        assertThat(sizes).hasSize(1 + 2 * 5);
    }

    @Test
    void severalCulpritsFailAndTheOthersKeepTheirOrder() {
        assertThat(failed(7, Set.of(0, 3, 6))).containsExactly(0, 3, 6);
    }

    @Test
    void outOfMemoryInALargeBatchIsNoneInASmallOne() {
        List<Outcome<Integer>> outcomes = BatchBisection.run(List.of(1, 2, 3, 4), items -> {
            if (items.size() > 2) {
                throw new OutOfMemoryError("libtorch");
            }
            return items;
        });

        assertThat(outcomes)
                .containsExactly(
                        new Outcome.Done<>(1), new Outcome.Done<>(2), new Outcome.Done<>(3), new Outcome.Done<>(4));
    }

    @Test
    void errorOfOneItemEndsNoThreadAndCostsNoOther() {
        List<Outcome<Integer>> outcomes = BatchBisection.run(List.of(1, 2), items -> {
            if (items.contains(2)) {
                throw new StackOverflowError();
            }
            return items;
        });

        assertThat(outcomes.get(0)).isEqualTo(new Outcome.Done<>(1));
        assertThat(outcomes.get(1)).isInstanceOf(Outcome.Failed.class);
    }

    private List<Integer> failed(int count, Set<Integer> culprits) {
        List<Integer> items = IntStream.range(0, count).boxed().toList();
        List<Outcome<Integer>> outcomes = BatchBisection.run(items, batch -> {
            sizes.add(batch.size());
            if (batch.stream().anyMatch(culprits::contains)) {
                throw new IllegalStateException("bad image");
            }
            return batch;
        });
        assertThat(outcomes).hasSize(count);
        List<Integer> failed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            if (outcomes.get(i) instanceof Outcome.Failed<Integer>) {
                failed.add(i);
            } else {
                assertThat(outcomes.get(i)).isEqualTo(new Outcome.Done<>(i));
            }
        }
        return failed;
    }
}
