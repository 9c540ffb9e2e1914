package io.github.finetide.inference.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class InFlightTest {
    private final AtomicInteger gauge = new AtomicInteger();
    private final Deque<InFlight.Slot> slots = new ArrayDeque<>();
    private final AtomicInteger aside = new AtomicInteger();
    private final InFlight inFlight = new InFlight(4, 10, 1000, aside::get, gauge::addAndGet);

    @Test
    void isFullAtTheHighMarkUntilHalfIsGone() {
        enter(4, 1);
        assertThat(inFlight.isFull()).isTrue();

        leave(1);
        assertThat(inFlight.isFull()).isTrue();

        leave(1);
        assertThat(inFlight.isFull()).isFalse();
    }

    @Test
    void fewLargeOnesFillItToo() {
        enter(1, 1000);

        assertThat(inFlight.isFull()).isTrue();
        leave(1);
        assertThat(inFlight.isFull()).isFalse();
    }

    @Test
    void whatWaitsForOthersDoesNotFillIt() {
        enter(7, 1);
        aside.set(5);
        assertThat(inFlight.isFull()).isFalse();

        enter(2, 1);
        assertThat(inFlight.isFull()).isTrue();
    }

    @Test
    void whatWaitsForOthersHasAMarkOfItsOwn() {
        enter(10, 1);
        aside.set(10);
        assertThat(inFlight.isFull()).isTrue();

        aside.set(6);
        assertThat(inFlight.isFull()).isTrue();
        for (int i = 0; i < 4; i++) {
            leave(1);
        }
        aside.set(5);
        assertThat(inFlight.isFull()).isFalse();
    }

    @Test
    @Timeout(30)
    void whoWaitsForRoomIsWokenWhenHalfIsGone() throws InterruptedException {
        enter(4, 1);
        assertThat(inFlight.isFull()).isTrue();
        Thread waiting = new Thread(() -> awaitRoom(Duration.ofMinutes(5)));
        waiting.start();

        leave(1);
        waiting.join(100);
        assertThat(waiting.isAlive()).isTrue();
        leave(1);
        waiting.join();
    }

    @Test
    @Timeout(30)
    void whoWaitsForRoomGoesOnAfterTheLimit() {
        enter(4, 1);
        assertThat(inFlight.isFull()).isTrue();
        awaitRoom(Duration.ofMillis(50));

        aside.set(10);
        enter(6, 1);
        assertThat(inFlight.isFull()).isTrue();
        long began = System.nanoTime();
        awaitRoom(Duration.ofMillis(50));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(40));
    }

    private void awaitRoom(Duration limit) {
        try {
            inFlight.awaitRoom(limit);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void countsWhatIsInFlight() {
        enter(3, 1);
        leave(1);

        assertThat(gauge).hasValue(2);
        assertThat(inFlight.count()).isEqualTo(2);
    }

    private void enter(int count, long bytes) {
        for (int i = 0; i < count; i++) {
            slots.add(inFlight.enter(bytes));
        }
    }

    private void leave(int count) {
        for (int i = 0; i < count; i++) {
            slots.remove().leave();
        }
    }
}
