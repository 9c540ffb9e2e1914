package io.github.finetide.inference.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.image.ByteBudget;
import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.model.Fakes.FakeLoader;
import io.github.finetide.inference.model.Fakes.FakeRequest;
import io.github.finetide.inference.model.Fakes.ManualBackground;
import io.github.finetide.inference.model.Fakes.RecordingListener;
import io.github.finetide.inference.model.ModelCatalog;
import io.github.finetide.inference.model.ModelMemory;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.RetryPolicy;
import io.github.finetide.runtime.Threads;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PreparationTest {
    private static final int ATTEMPTS = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Instant now = Fakes.NOW;
    private final InstantSource clock = () -> now;
    private final ManualBackground background = new ManualBackground();
    private final List<String> events = new ArrayList<>();
    private final FakeImaging imaging = new FakeImaging();
    private final ByteBudget budget = new ByteBudget(1000);
    private final Batcher<BatchKey, Prepared> batcher = new Batcher<>(1, Duration.ZERO, () -> 0);
    private final RetryPolicy retries =
            new RetryPolicy(ATTEMPTS, Duration.ofMillis(100), Duration.ofMillis(300), PATIENCE);
    private final RecordingListener listener = new RecordingListener();
    private final FakeLoader loader = new FakeLoader();
    private final ModelCatalog catalog = new ModelCatalog(
            new ModelMemory(1000, loader, background, listener, () -> 0), loader, background, retries, listener);
    private final PreparationLimits limits = new PreparationLimits(4, 2, budget, retries);
    private final Preparation preparation = new Preparation(catalog, imaging, limits, background, batcher, clock);

    @BeforeEach
    void serveAModel() {
        catalog.released(Fakes.release("dishes", "a@1"));
        background.runReady();
    }

    @Test
    void goodImageGoesToTheNetwork() {
        accept(Fakes.request("dishes", null));

        assertThat(batcher.poll()).isPresent();
        assertThat(events).isEmpty();
        assertThat(budget.used()).isEqualTo(12);
    }

    @Test
    void batchWaitsForWhatIsPreparedButNotForWhatFailed() {
        Batcher<BatchKey, Prepared> batches = new Batcher<>(3, Duration.ofMillis(20), () -> 0);
        Preparation two = new Preparation(
                catalog, imaging, new PreparationLimits(4, 2, budget, retries), background, batches, clock);
        two.accept(polled(Fakes.request("dishes", null)));
        background.runReady();
        Batcher<BatchKey, Prepared>.Place first = batches.expect();
        imaging.faults.add(new FaultException(ErrorKind.UNAVAILABLE, "host away"));
        two.accept(polled(Fakes.request("dishes", null)));

        first.close();
        assertThat(batches.poll()).as("while the second is prepared").isEmpty();
        background.runReady();
        assertThat(batches.poll()).as("while the second pauses").isPresent();
    }

    @Test
    void permanentFaultIsRejectedAtOnce() {
        imaging.faults.add(new FaultException(ErrorKind.UNDECODABLE, "no image"));
        accept(Fakes.request("dishes", null));

        assertThat(events).containsExactly("undecodable after 1");
        assertThat(background.pauses).isEmpty();
        assertThat(budget.used()).isZero();
    }

    @Test
    void transientFaultIsTriedAgainWithLongerAndLongerPauses() {
        for (int i = 0; i < ATTEMPTS; i++) {
            imaging.faults.add(new FaultException(ErrorKind.UNAVAILABLE, "host away"));
        }
        accept(Fakes.request("dishes", null));

        assertThat(events).containsExactly("unavailable after " + ATTEMPTS);
        assertThat(background.pauses)
                .containsExactly(Duration.ofMillis(100), Duration.ofMillis(200), Duration.ofMillis(300));
    }

    @Test
    void patienceEndsBeforeTheAttemptsDoWhereEachTakesLong() {
        imaging.slowness = PATIENCE.plusSeconds(1);
        for (int i = 0; i < ATTEMPTS; i++) {
            imaging.faults.add(new FaultException(ErrorKind.UNAVAILABLE, "timed out"));
        }
        accept(Fakes.request("dishes", null));

        assertThat(events).containsExactly("unavailable after 2");
    }

    @Test
    void whatWaitsTooLongForASourceThatIsAwayIsGivenUpUnasked() {
        int many = 10;
        imaging.slowness = Duration.ofSeconds(20);
        for (int i = 0; i < many * ATTEMPTS; i++) {
            imaging.faults.add(new FaultException(ErrorKind.UNAVAILABLE, "timed out"));
        }
        for (int i = 0; i < many; i++) {
            preparation.accept(polled(Fakes.request("dishes", null)));
        }
        background.runAll();

        assertThat(events).hasSize(many).allMatch(event -> event.startsWith("unavailable"));
        assertThat(imaging.fetches).isLessThan(many);
        assertThat(preparation.aside()).isZero();
    }

    @Test
    void whatPausesAndWhatWaitsForItsModelIsAside() {
        imaging.faults.add(new FaultException(ErrorKind.UNAVAILABLE, "host away"));
        preparation.accept(polled(Fakes.request("dishes", null)));
        background.runReady();
        catalog.released(Fakes.release("birds", "b@1"));
        preparation.accept(polled(Fakes.request("birds", null)));

        assertThat(preparation.aside()).isEqualTo(2);
        background.runAll();
        assertThat(preparation.aside()).isZero();
    }

    @Test
    void errorOfOneImageIsItsOwn() {
        imaging.error = new NoClassDefFoundError("some reader");
        accept(Fakes.request("dishes", null));

        assertThat(events).containsExactly("internal after 1");
        assertThat(budget.used()).isZero();
    }

    @Test
    void hostThatComesBackIsForgiven() {
        imaging.faults.add(new FaultException(ErrorKind.UNAVAILABLE, "host away"));
        accept(Fakes.request("dishes", null));

        assertThat(batcher.poll())
                .hasValueSatisfying(batch ->
                        assertThat(batch.items().get(0).timings().attempts()).isEqualTo(2));
        assertThat(events).isEmpty();
    }

    @Test
    void unforeseenFailureOfOneImageIsInternal() {
        imaging.unforeseen = new IllegalStateException("decoder bug");
        accept(Fakes.request("dishes", null));

        assertThat(events).containsExactly("internal after 1");
        assertThat(budget.used()).isZero();
    }

    @Test
    void expiredRequestIsNotFetched() {
        accept(new ClassificationRequest("r1", URI.create("file:///a.png"), "dishes", null, 5, Fakes.NOW));

        assertThat(events).containsExactly("expired after 1");
        assertThat(imaging.fetches).isZero();
    }

    @Test
    void unknownModelIsLookedForTwice() {
        accept(Fakes.request("birds", null));

        assertThat(events).containsExactly("unknown_model after 2");
    }

    @Test
    void releaseThatIsOvertakenByItsRequestIsFound() {
        preparation.accept(polled(Fakes.request("birds", null)));
        catalog.released(Fakes.release("birds", "b@1"));
        background.runAll();

        assertThat(events).isEmpty();
        assertThat(batcher.poll()).isPresent();
    }

    @Test
    void requestOfALostPartitionIsDropped() {
        FakeRequest request = polled(Fakes.request("dishes", null));
        request.wanted = false;
        preparation.accept(request);
        background.runAll();

        assertThat(events).containsExactly("dropped");
        assertThat(imaging.fetches).isZero();
    }

    @Test
    void stoppedWorkerBeginsNothing() {
        preparation.stop();
        accept(Fakes.request("dishes", null));

        assertThat(events).containsExactly("dropped");
    }

    @Test
    void twoHostsThatDoNotAnswerDoNotKeepAThirdWaiting() throws InterruptedException {
        Threads threads = new Threads("fetch", limits.fetchThreads());
        Preparation threaded = new Preparation(catalog, imaging, limits, threads, batcher, clock);
        for (int i = 0; i < 10; i++) {
            threaded.accept(polled(from("http://silent-1/" + i)));
            threaded.accept(polled(from("http://silent-2/" + i)));
        }
        threaded.accept(polled(from("http://quick/")));

        await().until(() -> batcher.poll().isPresent());
        threaded.stop();
        imaging.silence.countDown();
        threads.end(Duration.ofSeconds(10));
    }

    private static ClassificationRequest from(String image) {
        return new ClassificationRequest("r1", URI.create(image), "dishes", null, 5, null);
    }

    private FakeRequest polled(ClassificationRequest request) {
        return new FakeRequest(request, events);
    }

    private void accept(ClassificationRequest request) {
        preparation.accept(polled(request));
        background.runAll();
    }

    /** Fails as often as it is asked to. */
    private final class FakeImaging implements Imaging {
        private final Queue<FaultException> faults = new ArrayDeque<>();
        private RuntimeException unforeseen = new IllegalStateException();
        private @Nullable Error error;
        private Duration slowness = Duration.ZERO;
        private int fetches;
        private final CountDownLatch silence = new CountDownLatch(1);

        @Override
        public byte[] fetch(URI image) {
            if (String.valueOf(image.getHost()).startsWith("silent")) {
                await().until(() -> silence.getCount() == 0);
            }
            fetches++;
            now = now.plus(slowness);
            FaultException fault = faults.poll();
            if (fault != null) {
                throw fault;
            }
            return new byte[0];
        }

        @Override
        public Pixels decode(byte[] encoded, int imageSize) {
            if (error != null) {
                throw error;
            }
            if ("decoder bug".equals(unforeseen.getMessage())) {
                throw unforeseen;
            }
            return new Pixels(imageSize, imageSize, new byte[imageSize * imageSize * 3]);
        }
    }
}
