package io.github.finetide.trainer.progress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.finetide.trainer.training.Jobs;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class JobProgressEstimatorTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong now = new AtomicLong(5);
    // 20 epochs of 80 training images at 1.1 and 12 validation images at 1
    private final JobProgressEstimator work = new JobProgressEstimator(Jobs.job(), 80, 12, 0, false, now::get);

    @Test
    void theRestTakesAsLongAsThePaceSaysWithoutTheChecksBeforeAndThePauses() {
        after(600); // images are checked, weights are downloaded
        work.begin();
        after(1);
        work.trained(8);
        work.aside(() -> after(3600));
        after(1);
        work.trained(8);

        double left = 20 * (80 * 1.1 + 12) - 16 * 1.1;
        assertThat(work.eta().toMillis() / 1000.0).isCloseTo(2 * left / (16 * 1.1), within(0.01));
        assertThat(work.progress()).isCloseTo(16 * 1.1 / 2000, within(1e-9));
    }

    @Test
    void whatAnEarlierWorkerDidCountsAsProgressAndNotForThePace() {
        work.doneBefore(10 * 80, 10 * 12);
        work.begin();
        assertThat(work.eta()).as("nothing is known yet").isEqualTo(Duration.ZERO);
        after(10);
        for (int batch = 0; batch < 10; batch++) {
            work.trained(8);
        }
        work.validated(12);

        assertThat(work.progress()).isCloseTo(11.0 / 20, within(1e-9));
        assertThat(work.eta()).isEqualTo(Duration.ofSeconds(90));
    }

    private void after(long seconds) {
        now.addAndGet(seconds * SECOND);
    }
}
