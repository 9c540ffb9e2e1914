package io.github.finetide.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    private final Threads threads = new Threads("fetch", 1);

    @Test
    void taskThatAnswersForItselfIsNoProblem() throws InterruptedException {
        threads.execute(() -> {});
        threads.end(Duration.ofSeconds(5));

        assertThat(threads.problem()).isNull();
    }

    /** Whoever waits for it would wait for ever, and nobody would know. */
    @Test
    void whatATaskThrowsShows() throws InterruptedException {
        threads.execute(() -> {
            throw new StackOverflowError("too deep");
        });
        threads.end(Duration.ofSeconds(5));

        assertThat(threads.problem())
                .isEqualTo("a task of the threads \"fetch\" failed: java.lang.StackOverflowError: too deep");
    }

    @Test
    void taskAfterAFailureIsRunAndSoIsALaterOne() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        threads.execute(() -> {
            throw new InternalError("a mapped file was cut");
        });
        threads.later(Duration.ofMillis(1), () -> {
            done.set(true);
            throw new IllegalStateException("later");
        });
        while (!String.valueOf(threads.problem()).endsWith("later")) {
            Thread.onSpinWait();
        }
        threads.end(Duration.ofSeconds(5));

        assertThat(done).isTrue();
    }
}
