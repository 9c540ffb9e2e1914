package io.github.finetide.inference.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.inference.pipeline.Batcher.Batch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 10_000_000);
    private final Batcher<String, Integer> batcher = new Batcher<>(3, Duration.ofMillis(20), nanos::get);

    @Test
    void fullBatchIsDueAtOnce() {
        add("a", 1, 2, 3);

        assertThat(batcher.poll()).contains(new Batch<>("a", List.of(1, 2, 3)));
    }

    @Test
    void partOfABatchWaitsForWhatIsOnItsWay() {
        batcher.expect();
        add("a", 1, 2);
        pass(19);

        assertThat(batcher.poll()).isEmpty();
    }

    @Test
    void partOfABatchIsDueWhenItsFirstItemHasWaited() {
        batcher.expect();
        add("a", 1);
        pass(15);
        add("a", 2);
        pass(5);

        assertThat(batcher.poll()).contains(new Batch<>("a", List.of(1, 2)));
    }

    @Test
    void nothingIsWaitedForThatIsNotOnItsWay() {
        add("a", 1, 2);

        assertThat(batcher.poll()).contains(new Batch<>("a", List.of(1, 2)));
    }

    @Test
    void whatDoesNotComeAfterAllIsWaitedForNoLonger() {
        Batcher<String, Integer>.Place place = batcher.expect();
        add("a", 1);
        assertThat(batcher.poll()).isEmpty();

        place.close();
        place.close();

        assertThat(batcher.poll()).contains(new Batch<>("a", List.of(1)));
    }

    @Test
    void placeIsFilledOnce() {
        Batcher<String, Integer>.Place place = batcher.expect();
        batcher.expect();
        place.fill("a", 1);
        place.close();

        assertThat(batcher.poll()).as("another is still expected").isEmpty();
    }

    @Test
    void whoeverWaitsLearnsThatNothingComes() throws InterruptedException {
        Batcher<String, Integer> patient = new Batcher<>(3, Duration.ofHours(1), System::nanoTime);
        Batcher<String, Integer>.Place place = patient.expect();
        patient.add("a", 1);
        new Thread(place::close).start();

        assertThat(patient.take()).contains(new Batch<>("a", List.of(1)));
    }

    @Test
    void restStaysForTheNextBatchWithItsOwnTime() {
        batcher.expect();
        add("a", 1, 2, 3, 4);
        batcher.poll();

        assertThat(batcher.poll()).isEmpty();
        pass(20);
        assertThat(batcher.poll()).contains(new Batch<>("a", List.of(4)));
    }

    @Test
    void lanesDoNotMix() {
        batcher.expect();
        add("a", 1);
        add("b", 2);
        pass(20);

        assertThat(batcher.poll()).contains(new Batch<>("a", List.of(1)));
        assertThat(batcher.poll()).contains(new Batch<>("b", List.of(2)));
    }

    @Test
    void busyLaneDoesNotStarveAQuietOne() {
        batcher.expect();
        add("quiet", 1);
        pass(20);
        add("busy", 2, 3, 4);

        assertThat(batcher.poll()).contains(new Batch<>("quiet", List.of(1)));
    }

    @Test
    void closedBatcherGivesWhatItHasThenNothing() throws InterruptedException {
        add("a", 1);
        batcher.close();

        assertThat(batcher.take()).contains(new Batch<>("a", List.of(1)));
        assertThat(batcher.take()).isEmpty();
    }

    private void add(String key, int... items) {
        for (int item : items) {
            batcher.add(key, item);
        }
    }

    private void pass(long millis) {
        nanos.addAndGet(Duration.ofMillis(millis).toNanos());
    }
}
