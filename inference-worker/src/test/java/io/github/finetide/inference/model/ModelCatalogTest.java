package io.github.finetide.inference.model;

import static io.github.finetide.inference.model.Fakes.release;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.inference.model.Fakes.FakeBackbone;
import io.github.finetide.inference.model.Fakes.FakeLoader;
import io.github.finetide.inference.model.Fakes.ManualBackground;
import io.github.finetide.inference.model.Fakes.RecordingListener;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.RetryPolicy;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelCatalogTest {
    private static final long LIMIT_BYTES = 250;

    private final FakeLoader loader = new FakeLoader();
    private final ManualBackground background = new ManualBackground();
    private final RecordingListener listener = new RecordingListener();
    private final AtomicLong clock = new AtomicLong();
    private final ModelMemory memory =
            new ModelMemory(LIMIT_BYTES, loader, background, listener, clock::incrementAndGet);
    private final ModelCatalog catalog = new ModelCatalog(
            memory,
            loader,
            background,
            new RetryPolicy(3, Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMinutes(1)),
            listener);

    @Test
    void newVersionServesOnlyOnceItIsLoaded() {
        serve("dishes", "a@1");
        catalog.released(release("dishes", "a@2"));

        assertThat(versionOf("dishes", null)).isEqualTo("a@1");
        background.runReady();
        assertThat(versionOf("dishes", null)).isEqualTo("a@2");
    }

    @Test
    void requestForAModelThatIsBeingLoadedWaitsForIt() {
        catalog.released(release("dishes", "a@1"));
        CompletableFuture<Lease> lease = acquire("dishes", null);

        assertThat(lease).isNotDone();
        assertThat(catalog.pending()).containsExactly("dishes");
        background.runReady();
        assertThat(lease.join().model().info().version()).isEqualTo("a@1");
        assertThat(catalog.pending()).isEmpty();
    }

    @Test
    void versionThatFailsItsCheckIsRefusedAndTheOldOneStays() {
        serve("dishes", "a@1");
        loader.faults.put("a@2", new FaultException(ErrorKind.INVALID, "golden images differ"));
        serve("dishes", "a@2");

        assertThat(versionOf("dishes", null)).isEqualTo("a@1");
        assertThat(listener.events).contains("refused a@2 invalid");
        assertThat(loader.inMemory).containsExactly("a@1");
    }

    @Test
    void firstVersionThatIsRefusedLeavesTheModelUnknownWithTheReason() {
        loader.faults.put("a@1", new FaultException(ErrorKind.INVALID, "golden images differ"));
        serve("dishes", "a@1");

        assertThat(faultOf("dishes", null).kind()).isEqualTo(ErrorKind.UNKNOWN_MODEL);
        assertThat(faultOf("dishes", null)).hasMessageContaining("golden images differ");
        assertThat(catalog.pending()).isEmpty();
    }

    @Test
    void workerThatStartsAfterARefusedReleaseServesTheOneBefore() {
        loader.faults.put("a@3", new FaultException(ErrorKind.INVALID, "golden images differ"));
        catalog.remember(release("dishes", "a@2"));
        catalog.remember(release("dishes", "a@1"));
        serve("dishes", "a@3");

        assertThat(versionOf("dishes", null)).isEqualTo("a@2");
        assertThat(listener.events).containsSubsequence("refused a@3 invalid", "swapped a@2");
        assertThat(catalog.pending()).isEmpty();
    }

    @Test
    void versionOvertakenByARefusedOneWhileItWasLoadingServes() {
        loader.faults.put("a@2", new FaultException(ErrorKind.INVALID, "golden images differ"));
        catalog.released(release("dishes", "a@1"));
        serve("dishes", "a@2");

        assertThat(versionOf("dishes", null)).isEqualTo("a@1");
        assertThat(listener.events).containsSubsequence("refused a@2 invalid", "swapped a@1");
        assertThat(catalog.pending()).isEmpty();
        assertThat(loader.inMemory).containsExactly("a@1");
    }

    @Test
    void storeThatIsAwayIsTriedAgainUntilItIsBack() {
        loader.faults.put("a@1", new FaultException(ErrorKind.UNAVAILABLE, "store away"));
        serve("dishes", "a@1");
        assertThat(catalog.pending()).containsExactly("dishes");

        background.delayed.remove().run();
        background.runReady();
        loader.faults.clear();
        background.runAll();

        assertThat(versionOf("dishes", null)).isEqualTo("a@1");
        assertThat(background.pauses).containsExactly(Duration.ofMillis(100), Duration.ofMillis(200));
        assertThat(listener.events).containsExactly("postponed a@1", "postponed a@1", "loaded a@1", "swapped a@1");
    }

    /** Each of them another worker, or this one in a minute, may not meet. */
    @ParameterizedTest
    @EnumSource(
            value = ErrorKind.class,
            names = {"UNAVAILABLE", "NO_SPACE", "NOT_ALLOWED", "NOT_FOUND", "OUT_OF_MEMORY", "INTERNAL"})
    void faultOfThisMachineOrItsStoreRefusesNoRelease(ErrorKind kind) {
        loader.faults.put("a@1", new FaultException(kind, "not here, not now"));
        serve("dishes", "a@1");

        assertThat(catalog.isComplete(Set.of())).isFalse();
        assertThat(catalog.problem(Set.of())).isEqualTo("model dishes cannot be loaded yet: not here, not now");
        loader.faults.clear();
        background.runAll();
        assertThat(versionOf("dishes", null)).isEqualTo("a@1");
        assertThat(catalog.problem(Set.of())).isNull();
        assertThat(catalog.isComplete(Set.of())).isTrue();
    }

    @Test
    void requestForAModelThatCannotBeLoadedHereIsWorthAnotherTry() {
        loader.faults.put("a@1", new FaultException(ErrorKind.NOT_FOUND, "no such checkpoint in this store"));
        catalog.released(release("dishes", "a@1"));
        CompletableFuture<Lease> lease = acquire("dishes", null);
        background.runReady();

        assertThat(fault(lease).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
        assertThat(fault(lease)).hasMessageContaining("no such checkpoint in this store");
    }

    @Test
    void errorOfTheMachineWhileAModelIsLoadedEndsNoThreadAndNoRequestsWait() {
        loader.errors.put("a@1", new StackOverflowError());
        catalog.released(release("dishes", "a@1"));
        CompletableFuture<Lease> lease = acquire("dishes", null);
        background.runReady();

        assertThat(fault(lease).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
    }

    @Test
    void errorOfTheMachineWhileAPinIsLookedForEndsNoThreadAndNoRequestsWait() {
        serve("dishes", "a@9");
        loader.errors.put("a@1", new InternalError("odd"));
        CompletableFuture<Lease> lease = acquire("dishes", "a@1");
        background.runAll();

        assertThat(fault(lease).kind()).isEqualTo(ErrorKind.INTERNAL);
    }

    @Test
    void withNothingReleasedNoWorkCanBeDone() {
        assertThat(catalog.problem(Set.of())).startsWith("no model is released yet;");
        serve("dishes", "a@1");
        assertThat(catalog.problem(Set.of())).isNull();
    }

    @Test
    void modelThatWasAskedForAndIsNotReleasedIsMissing() {
        serve("dishes", "a@1");

        assertThat(catalog.isComplete(Set.of("dishes", "birds"))).isFalse();
        assertThat(catalog.problem(Set.of("dishes", "birds"))).isEqualTo("model birds is not released");
    }

    @Test
    void releaseThatIsUnfitStopsNoOtherModel() {
        loader.faults.put("b@1", new FaultException(ErrorKind.INVALID, "golden images differ"));
        serve("birds", "b@1");
        assertThat(catalog.problem(Set.of()))
                .isEqualTo("model birds is not served, its release was refused: golden images differ");

        serve("dishes", "a@1");
        assertThat(catalog.problem(Set.of())).isNull();
        assertThat(catalog.isComplete(Set.of())).isTrue();
    }

    @Test
    void newerReleaseEndsTheTriesForAnOlderOne() {
        loader.faults.put("a@1", new FaultException(ErrorKind.UNAVAILABLE, "store away"));
        serve("dishes", "a@1");
        serve("dishes", "a@2");
        background.runAll();

        assertThat(versionOf("dishes", null)).isEqualTo("a@2");
        assertThat(loader.loads).containsExactly("a@1", "a@2");
    }

    @Test
    void rollBackToAKeptVersionLoadsNothing() {
        serve("dishes", "a@1");
        serve("dishes", "a@2");
        serve("dishes", "a@1");

        assertThat(versionOf("dishes", null)).isEqualTo("a@1");
        assertThat(loader.loads).containsExactly("a@1", "a@2");
    }

    @Test
    void lastThreeVersionsCanBePinned() {
        for (int epoch = 1; epoch <= 4; epoch++) {
            serve("dishes", "a@" + epoch);
        }
        background.runAll();

        assertThat(versionOf("dishes", "a@2")).isEqualTo("a@2");
        assertThat(versionOf("dishes", "a@3")).isEqualTo("a@3");
        assertThat(loader.inMemory).doesNotContain("a@1");
    }

    @Test
    void olderVersionThatIsPinnedComesFromTheStore() {
        serve("dishes", "a@9");
        loader.stored.add("a@1");
        CompletableFuture<Lease> lease = acquire("dishes", "a@1");
        background.runAll();

        assertThat(lease.join().model().info().version()).isEqualTo("a@1");
        assertThat(versionOf("dishes", null)).isEqualTo("a@9");
    }

    @Test
    void anyNumberOfOlderVersionsCanBePinnedOneAfterTheOther() {
        serve("dishes", "a@9");
        for (int epoch = 1; epoch <= 8; epoch++) {
            loader.stored.add("a@" + epoch);
            CompletableFuture<Lease> lease = acquire("dishes", "a@" + epoch);
            background.runAll();

            assertThat(lease.join().model().info().version()).isEqualTo("a@" + epoch);
            lease.join().close();
            background.runAll();
        }
        assertThat(listener.forgotten).containsExactly("a@1", "a@2", "a@3", "a@4", "a@5", "a@6");
    }

    @Test
    void pinnedVersionIsNotFallenBackTo() {
        loader.faults.put("a@9", new FaultException(ErrorKind.UNAVAILABLE, "store away"));
        serve("dishes", "a@9");
        loader.stored.add("a@1");
        CompletableFuture<Lease> pinned = acquire("dishes", "a@1");
        background.runReady();
        assertThat(pinned).isCompleted();
        loader.faults.put("a@9", new FaultException(ErrorKind.INVALID, "golden images differ"));
        background.runAll();

        assertThat(faultOf("dishes", null).kind()).isEqualTo(ErrorKind.UNKNOWN_MODEL);
    }

    @Test
    void pinnedVersionThatDoesNotExistIsAnUnknownModel() {
        serve("dishes", "a@9");
        CompletableFuture<Lease> lease = acquire("dishes", "a@1");
        background.runAll();

        assertThat(fault(lease).kind()).isEqualTo(ErrorKind.UNKNOWN_MODEL);
    }

    @Test
    void rememberedReleaseIsLoadedWhenItIsPinned() {
        serve("dishes", "a@2");
        catalog.remember(release("dishes", "a@1"));
        background.runAll();
        assertThat(loader.loads).containsExactly("a@2");

        CompletableFuture<Lease> lease = acquire("dishes", "a@1");
        background.runAll();
        assertThat(lease.join().model().info().version()).isEqualTo("a@1");
    }

    @Test
    void modelMayBeLeftOutWhereThereIsOne() {
        serve("dishes", "a@1");

        assertThat(versionOf(null, null)).isEqualTo("a@1");
    }

    @Test
    void modelMustBeNamedWhereThereAreTwo() {
        serve("dishes", "a@1");
        serve("birds", "b@1");

        assertThat(faultOf(null, null).kind()).isEqualTo(ErrorKind.UNKNOWN_MODEL);
        assertThat(faultOf(null, null)).hasMessageContaining("birds, dishes");
    }

    @Test
    void withdrawnModelIsUnknownAndFreedAfterTheLastLease() {
        serve("dishes", "a@1");
        Lease lease = acquire("dishes", null).join();
        catalog.withdrawn("dishes");
        background.runAll();

        assertThat(faultOf("dishes", null).kind()).isEqualTo(ErrorKind.UNKNOWN_MODEL);
        assertThat(loader.inMemory).containsExactly("a@1");
        lease.close();
        lease.close();
        background.runAll();
        assertThat(loader.inMemory).isEmpty();
    }

    @Test
    void leastRecentlyUsedModelLeavesAndComesBackOnDemand() {
        serve("one", "a@1");
        serve("two", "b@1");
        versionOf("one", null);
        serve("three", "c@1");
        background.runAll();
        assertThat(loader.inMemory).containsExactly("a@1", "c@1");

        CompletableFuture<Lease> lease = acquire("two", null);
        background.runAll();

        assertThat(lease.join().model().info().version()).isEqualTo("b@1");
        assertThat(memory.bytes()).isLessThanOrEqualTo(LIMIT_BYTES);
        assertThat(listener.forgotten).isEmpty();
    }

    @Test
    void versionsThatCanNoLongerBeHadAreForgottenWhetherInMemoryOrNot() {
        catalog.remember(release("dishes", "a@1"));
        for (int epoch = 2; epoch <= 5; epoch++) {
            serve("dishes", "a@" + epoch);
        }
        background.runAll();

        assertThat(listener.forgotten).containsExactly("a@1", "a@2");
    }

    @Test
    void leasedModelStaysEvenAboveTheLimit() {
        serve("one", "a@1");
        Lease lease = acquire("one", null).join();
        serve("two", "b@1");
        Lease other = acquire("two", null).join();
        serve("three", "c@1");
        background.runAll();
        assertThat(loader.inMemory).contains("a@1", "b@1");

        lease.close();
        other.close();
        background.runAll();
        assertThat(memory.bytes()).isLessThanOrEqualTo(LIMIT_BYTES);
    }

    @Test
    void onAFullDeviceTheLeastRecentlyUsedModelLeavesAndTheReleaseIsNotRefused() {
        loader.room = 1;
        serve("one", "a@1");
        serve("two", "b@1");

        assertThat(versionOf("two", null)).isEqualTo("b@1");
        assertThat(loader.inMemory).containsExactly("b@1");
        assertThat(versionOf("one", null)).isEqualTo("a@1");
        assertThat(listener.events).noneMatch(event -> event.startsWith("refused"));
    }

    @Test
    void onADeviceFullOfLeasedModelsAReleaseIsPostponedUntilOneIsFree() {
        loader.room = 1;
        serve("one", "a@1");
        try (Lease lease = acquire("one", null).join()) {
            serve("two", "b@1");
            assertThat(lease.model().info().version()).isEqualTo("a@1");
            assertThat(listener.events).contains("postponed b@1").doesNotContain("swapped b@1");
        }
        background.runAll();

        assertThat(listener.events).contains("swapped b@1");
    }

    @Test
    void sharedBackboneCountsOnce() {
        FakeBackbone backbone = new FakeBackbone(100);
        for (int i = 0; i < 50; i++) {
            loader.shared.put("m" + i + "@1", backbone);
            serve("model" + i, "m" + i + "@1");
        }
        background.runAll();

        assertThat(memory.bytes()).isEqualTo(150);
        assertThat(loader.inMemory).hasSize(50);
    }

    @Test
    void closedCatalogHoldsNothing() {
        serve("one", "a@1");
        catalog.close();
        background.runAll();

        assertThat(loader.inMemory).isEmpty();
    }

    private void serve(String model, String version) {
        catalog.released(release(model, version));
        background.runReady();
    }

    private CompletableFuture<Lease> acquire(@Nullable String model, @Nullable String version) {
        return catalog.acquire(model, version).toCompletableFuture();
    }

    private String versionOf(@Nullable String model, @Nullable String version) {
        CompletableFuture<Lease> leased = acquire(model, version);
        if (!leased.isDone()) {
            background.runReady();
        }
        assertThat(leased).isCompleted();
        try (Lease lease = leased.join()) {
            return lease.model().info().version();
        }
    }

    private FaultException faultOf(@Nullable String model, @Nullable String version) {
        return fault(acquire(model, version));
    }

    private static FaultException fault(CompletableFuture<Lease> lease) {
        assertThat(lease).isCompletedExceptionally();
        try (Lease unexpected = lease.join()) {
            throw new AssertionError("got " + unexpected.model().info());
        } catch (CompletionException failed) {
            return FaultException.of(failed);
        }
    }
}
