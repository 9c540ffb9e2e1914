package io.github.finetide.inference.model;

import static io.github.finetide.inference.model.Fakes.release;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.inference.model.Fakes.RecordingListener;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.runtime.Threads;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A store that neither answers nor fails, as a disk over a network does, keeps no request waiting for ever. */
class HangingLoadTest implements ModelLoader {
    private final CountDownLatch answer = new CountDownLatch(1);

    @Test
    void loadThatHangsFailsForWhoWaitsAndShowsInTheLiveness() throws InterruptedException {
        Threads threads = new Threads("models", 1);
        ModelMemory memory = new ModelMemory(
                1L << 30, Duration.ofMillis(50), this, threads, new RecordingListener(), System::nanoTime);

        CompletableFuture<Lease> lease = memory.lease(new ModelVersion(release("dishes", "a@1")));

        assertThatThrownBy(lease::join)
                .hasCauseInstanceOf(FaultException.class)
                .hasMessageContaining("version a@1 has not been loaded within PT0.05S");
        assertThat(memory.problem()).isEqualTo("a model has been loading for more than PT0.05S");
        answer.countDown();
        threads.end(Duration.ofSeconds(5));
        assertThat(memory.problem()).isNull();
        assertThat(threads.problem()).isNull();
    }

    @Override
    public LoadedModel load(ModelRelease release) {
        try {
            answer.await();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        throw new FaultException(ErrorKind.UNAVAILABLE, "too late");
    }

    @Override
    public Optional<ModelRelease> find(String model, String version) {
        return Optional.empty();
    }
}
