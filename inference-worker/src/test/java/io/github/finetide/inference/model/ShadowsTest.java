package io.github.finetide.inference.model;

import static io.github.finetide.inference.model.Fakes.release;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.inference.model.Fakes.FakeBackbone;
import io.github.finetide.inference.model.Fakes.FakeLoader;
import io.github.finetide.inference.model.Fakes.ManualBackground;
import io.github.finetide.inference.model.Fakes.RecordingListener;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Precision;
import io.github.finetide.runtime.RetryPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A shadow is loaded like any version, and costs those that answer nothing. Each network here has 100 of 250 bytes. */
class ShadowsTest {
    private final FakeLoader loader = new FakeLoader();
    private final ManualBackground background = new ManualBackground();
    private final RecordingListener listener = new RecordingListener();
    private final AtomicLong clock = new AtomicLong();
    private final ModelMemory memory = new ModelMemory(250, loader, background, listener, clock::incrementAndGet);
    private final ModelCatalog catalog = new ModelCatalog(
            memory,
            loader,
            background,
            new RetryPolicy(9, Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMinutes(1)),
            listener);
    private final Shadows shadows = catalog.shadows();

    private static ModelInfo info(String model, String version) {
        return new ModelInfo(model, version, List.of("a", "b"), 2, Precision.FP32);
    }

    private void serve(String model, String version) {
        catalog.released(release(model, version));
        background.runReady();
    }

    private void shadow(String model, String version) {
        catalog.shadowed(release(model, version));
        background.runReady();
    }

    private Optional<String> of(String model, String version) {
        try (Lease lease = shadows.of(info(model, version)).orElse(null)) {
            return Optional.ofNullable(lease)
                    .map(leased -> leased.model().info().version());
        }
    }

    @Test
    void modelsShadowIsTheVersionThatWasNamedLast() {
        serve("m", "a@1");
        assertThat(of("m", "a@1")).isEmpty();
        shadow("m", "b@1");
        assertThat(of("m", "a@1")).contains("b@1");
        assertThat(of("other", "a@1")).isEmpty();
        shadow("m", "b@2");
        assertThat(of("m", "a@1")).contains("b@2");
        assertThat(loader.inMemory).containsExactlyInAnyOrder("a@1", "b@2");
        assertThat(catalog.serving()).containsEntry("m", "a@1");

        shadows.ended("m");
        background.runReady();
        assertThat(of("m", "a@1")).isEmpty();
        assertThat(loader.inMemory).containsExactly("a@1");
        assertThat(listener.forgotten).containsExactly("b@1", "b@2");
    }

    @Test
    void shadowAloneMakesNoModelKnown() {
        shadow("m", "b@1");

        assertThat(catalog.serving()).isEmpty();
        assertThat(catalog.isComplete(Set.of("m"))).isFalse();
        assertThat(catalog.acquire(null, null).toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void shadowThatIsReleasedServesWithoutBeingLoadedAgainAndShadowsNoMore() {
        serve("m", "a@1");
        shadow("m", "b@1");
        serve("m", "b@1");

        assertThat(catalog.serving()).containsEntry("m", "b@1");
        assertThat(loader.loads).containsExactly("a@1", "b@1");
        assertThat(of("m", "a@1")).isEmpty();
        shadows.ended("m");
        background.runReady();
        assertThat(loader.inMemory).contains("b@1");
        assertThat(listener.forgotten).isEmpty();
    }

    @Test
    void versionThatServedBeforeCanShadowAndKeepsItsSeriesAfterwards() {
        loader.shared.put("a@1", new FakeBackbone(100));
        serve("m", "a@1");
        serve("m", "a@2");
        shadow("m", "a@1");
        assertThat(of("m", "a@2")).contains("a@1");
        assertThat(of("m", "a@1"))
                .as("pinned: it would be compared with itself")
                .isEmpty();

        shadows.ended("m");
        assertThat(listener.forgotten).isEmpty();
    }

    @Test
    void shadowThatFailsItsCheckEndsAlone() {
        serve("m", "a@1");
        loader.faults.put("b@1", new FaultException(ErrorKind.INVALID, "golden images"));
        shadow("m", "b@1");

        assertThat(of("m", "a@1")).isEmpty();
        assertThat(catalog.serving()).containsEntry("m", "a@1");
        assertThat(catalog.problem(Set.of())).isNull();
        assertThat(listener.events).contains("refused b@1 invalid");
    }

    @Test
    void shadowForWhichMemoryIsShortIsNotTriedAgain() {
        serve("m", "a@1");
        loader.errors.put("b@1", new OutOfMemoryError("heap"));
        shadow("m", "b@1");
        background.runAll();

        assertThat(loader.loads).containsExactly("a@1", "b@1");
        assertThat(listener.events).contains("refused b@1 unavailable");
    }

    @Test
    void loadThatFailsForNowIsTriedAFewTimes() {
        serve("m", "a@1");
        loader.faults.put("b@1", new FaultException(ErrorKind.UNAVAILABLE, "the store is away"));
        shadow("m", "b@1");
        background.runAll();

        assertThat(loader.loads).hasSize(1 + Shadows.MOST_LOADS);
        assertThat(listener.events).contains("postponed b@1", "refused b@1 unavailable");
    }

    @Test
    void networkOfAShadowTakesNoOthersPlace() {
        serve("m", "a@1");
        serve("n", "a@1");
        shadow("m", "b@1");

        assertThat(loader.inMemory).doesNotContain("b@1");
        assertThat(listener.events).doesNotContain("unloaded a@1").contains("refused b@1 unavailable");
    }

    @Test
    void shadowLeavesForAModelThatAnswers() {
        serve("m", "a@1");
        shadow("m", "b@1");
        assertThat(of("m", "a@1")).isPresent();
        serve("n", "c@1");

        assertThat(of("m", "a@1")).isEmpty();
        assertThat(loader.inMemory).containsExactlyInAnyOrder("a@1", "c@1");
    }

    @Test
    void shadowOnTheModelsOwnNetworkTakesItsHeadAlone() {
        FakeBackbone backbone = new FakeBackbone(200);
        loader.shared.put("a@1", backbone);
        loader.shared.put("b@1", backbone);
        serve("m", "a@1");
        shadow("m", "b@1");

        assertThat(of("m", "a@1")).contains("b@1");
        assertThat(memory.bytes()).isEqualTo(202);
    }

    @Test
    void shadowThatCannotBeComputedEnds() {
        serve("m", "a@1");
        shadow("m", "b@1");
        shadows.failed(info("m", "b@0"), new FaultException(ErrorKind.INTERNAL, "of a former one"));
        assertThat(of("m", "a@1")).isPresent();
        shadows.failed(info("m", "b@1"), new FaultException(ErrorKind.INTERNAL, "out of memory"));

        assertThat(of("m", "a@1")).isEmpty();
        assertThat(listener.events).contains("refused b@1 internal");
    }
}
