package io.github.finetide.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private final List<String> order = new ArrayList<>();
    private final Rounds rounds = new Rounds();

    @Test
    void contestantsTakeTurns() {
        add("a", 1, 1, 1);
        add("b", 1, 1, 1);

        rounds.warmedUp().run(2);

        assertThat(order).containsExactly("a", "b", "a", "b", "a", "b");
    }

    @Test
    void theBestCountsAndTheWarmUpDoesNot() {
        add("a", 1, 5, 3);

        rounds.warmedUp().run(2);

        assertThat(rounds.best()).isEqualTo(Map.of("a", 3.0));
    }

    @Test
    void whoRefusesIsAskedOnceAndHasNoFigure() {
        rounds.add("a", () -> {
            order.add("a");
            return Answer.refused("cannot");
        });
        add("b", 1, 1, 1);

        rounds.warmedUp().run(2);

        assertThat(order).containsExactly("a", "b", "b", "b");
        assertThat(rounds.best()).containsOnlyKeys("b");
        assertThat(rounds.refusals()).isEqualTo(Map.of("a", "cannot"));
    }

    private void add(String name, double... seconds) {
        Deque<Double> left = new ArrayDeque<>();
        for (double second : seconds) {
            left.add(second);
        }
        rounds.add(name, () -> {
            order.add(name);
            return Answer.of(Objects.requireNonNull(left.poll()));
        });
    }
}
