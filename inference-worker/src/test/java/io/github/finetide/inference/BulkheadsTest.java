package io.github.finetide.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class BulkheadsTest {
    private final Queue<Runnable> threads = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();
    private final Bulkheads bulkheads = new Bulkheads(threads::add, 2);

    @Test
    void slowSourceTakesNoMoreThanItsShare() {
        execute("slow", "slow", "slow", "fast");

        assertThat(threads).hasSize(3);
    }

    @Test
    void whatWaitedRunsWhenItsSourceHasRoom() {
        execute("slow", "slow", "slow");
        threads.remove().run();

        assertThat(threads).hasSize(2);
        threads.remove().run();
        threads.remove().run();
        assertThat(ran).containsExactly("slow", "slow", "slow");
    }

    @Test
    void taskThatFailsFreesItsPlace() {
        bulkheads.execute("a", () -> {
            throw new IllegalStateException("broken");
        });
        execute("a", "a");
        assertThatThrownBy(threads.remove()::run).hasMessage("broken");

        while (!threads.isEmpty()) {
            threads.remove().run();
        }
        assertThat(ran).containsExactly("a", "a");
    }

    private void execute(String... sources) {
        for (String source : sources) {
            bulkheads.execute(source, () -> ran.add(source));
        }
    }
}
