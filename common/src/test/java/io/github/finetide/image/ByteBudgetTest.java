package io.github.finetide.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
    private final ByteBudget budget = new ByteBudget(100);
    private final List<String> got = new CopyOnWriteArrayList<>();

    @Test
    void moreThanThereIsGetsItAllAlone() throws InterruptedException {
        budget.acquire(1000);
        Thread other = acquiring("other", 1);
        budget.release(1000);
        other.join();

        assertThat(budget.used()).isEqualTo(1);
    }

    @Test
    void largeOneIsNotOvertakenForEver() throws InterruptedException {
        budget.acquire(60);
        Thread large = acquiring("large", 90);
        Thread small = acquiring("small", 20);
        assertThat(got).isEmpty();

        budget.release(60);
        large.join();
        budget.release(90);
        small.join();
        assertThat(got).containsExactly("large", "small");
    }

    @Test
    void whoIsInterruptedLeavesTheQueue() throws InterruptedException {
        budget.acquire(60);
        Thread large = acquiring("large", 90);
        Thread small = acquiring("small", 10);
        large.interrupt();
        large.join();
        small.join();

        assertThat(got).containsExactly("small");
        assertThat(budget.used()).isEqualTo(70);
    }

    /** Returns once the thread waits, if it has to. */
    private Thread acquiring(String name, long bytes) {
        Thread thread = new Thread(
                () -> {
                    try {
                        budget.acquire(bytes);
                        got.add(name);
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                },
                name);
        thread.start();
        await().until(() -> thread.getState() == Thread.State.WAITING || !thread.isAlive());
        return thread;
    }
}
