package io.github.finetide.inference.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.image.ByteBudget;
import io.github.finetide.image.Pixels;
import io.github.finetide.inference.Telemetry;
import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.model.Fakes.FakeBackbone;
import io.github.finetide.inference.model.Fakes.FakeLoader;
import io.github.finetide.inference.model.Fakes.FakeModel;
import io.github.finetide.inference.model.Fakes.FakeRequest;
import io.github.finetide.inference.model.Fakes.ManualBackground;
import io.github.finetide.inference.model.Fakes.RecordingListener;
import io.github.finetide.inference.model.Lease;
import io.github.finetide.inference.model.ModelCatalog;
import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.model.ModelMemory;
import io.github.finetide.inference.pipeline.Batcher.Batch;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.Precision;
import io.github.finetide.message.VersionAnswer;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.runtime.RetryPolicy;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BatchRunnerTest {
    private static final int SIZE = 1;
    private static final long BYTES = 3;
    private static final byte CULPRIT = 66;

    private final Metrics metrics = new Metrics();
    private final CountingBackbone backbone = new CountingBackbone();
    private final Batcher<BatchKey, Prepared> batcher = new Batcher<>(64, Duration.ZERO, System::nanoTime);
    private final ByteBudget budget = new ByteBudget(1000);
    private final List<String> events = new ArrayList<>();
    private final FakeLoader loader = new FakeLoader();
    private final ManualBackground background = new ManualBackground();
    private final RecordingListener listener = new RecordingListener();
    private final ModelCatalog catalog = new ModelCatalog(
            new ModelMemory(1000, loader, background, listener, System::nanoTime),
            loader,
            background,
            new RetryPolicy(1, Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofSeconds(1)),
            listener);
    private final BatchRunner runner = new BatchRunner(
            batcher,
            budget,
            InstantSource.fixed(Fakes.NOW),
            new Telemetry(metrics, InstantSource.system())::batch,
            catalog.shadows(),
            comparison -> events.add(comparison.answer().version() + " " + comparison.shadow()));
    private int leases;

    @BeforeEach
    void loadModelsOfOneSize() {
        loader.imageSize = SIZE;
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void fiftyModelsOnOneBackbonePassThroughItOnce() throws Exception {
        List<Prepared> batch = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            batch.add(prepared("model" + i, (byte) 0, false));
        }

        run(batch);

        assertThat(backbone.batches).containsExactly(50);
        assertThat(backbone.heads).isEqualTo(50);
        assertThat(events).hasSize(50).allMatch(event -> event.startsWith("classified"));
        assertThat(leases).isZero();
        assertThat(budget.used()).isZero();
    }

    @Test
    void imageThatFailsTheBatchIsRejectedAlone() throws Exception {
        run(List.of(
                prepared("a", (byte) 0, false),
                prepared("b", CULPRIT, false),
                prepared("c", (byte) 0, false),
                prepared("d", (byte) 0, false)));

        assertThat(events).containsExactly("classified a", "internal after 1", "classified c", "classified d");
        assertThat(leases).isZero();
        assertThat(budget.used()).isZero();
    }

    @Test
    void whatExpiredOrNobodyWantsDoesNotPassTheNetwork() throws Exception {
        Prepared lost = prepared("lost", (byte) 0, false);
        ((FakeRequest) lost.request()).wanted = false;

        run(List.of(prepared("late", (byte) 0, true), lost));

        assertThat(backbone.batches).isEmpty();
        assertThat(events).containsExactly("expired after 1", "dropped");
        assertThat(leases).isZero();
        assertThat(budget.used()).isZero();
    }

    @Test
    void whatWaitsIsAnsweredBeforeItEnds() throws Exception {
        batcher.add(new BatchKey(backbone, SIZE), prepared("a", (byte) 0, false));
        batcher.close();

        runner.run();

        assertThat(events).containsExactly("classified a");
    }

    @Test
    void shadowOnTheBatchsBackboneIsAskedInTheSamePass() throws Exception {
        loader.shared.put("s@1", backbone);
        shadow("a", "s@1");

        run(List.of(prepared("a", (byte) 0, false), prepared("b", (byte) 0, false)));

        assertThat(backbone.batches).containsExactly(2);
        assertThat(events)
                .containsExactly("classified a", "classified b", "a@1 " + new VersionAnswer("s@1", "a", 0, 0.75, 0.75));
        assertThat(leases).isZero();
    }

    @Test
    void anyOtherShadowIsAskedOnceTheRequestsHaveTheirAnswers() throws Exception {
        CountingBackbone own = new CountingBackbone();
        loader.shared.put("s@1", own);
        shadow("a", "s@1");

        run(List.of(prepared("a", (byte) 0, false), prepared("b", (byte) 0, false), prepared("a", (byte) 0, false)));

        assertThat(own.batches).containsExactly(2);
        assertThat(events.subList(0, 3)).containsExactly("classified a", "classified b", "classified a");
        assertThat(events.subList(3, 5)).allMatch(event -> event.startsWith("a@1 VersionAnswer[version=s@1, label=b"));
    }

    @Test
    void shadowThatFailsFailsNoRequestAndEnds() throws Exception {
        CountingBackbone own = new CountingBackbone();
        own.broken = true;
        loader.shared.put("s@1", own);
        shadow("a", "s@1");

        run(List.of(prepared("a", (byte) 0, false)));
        run(List.of(prepared("a", (byte) 0, false)));

        assertThat(events).containsExactly("classified a", "classified a");
        assertThat(own.batches).isEmpty();
        assertThat(listener.events).containsOnlyOnce("refused s@1 internal");
        assertThat(leases).isZero();
    }

    @Test
    void shadowOfOtherImagesEnds() throws Exception {
        shadow("a", "s@1");
        loader.imageSize = 2 * SIZE;
        shadow("a", "s@2");

        run(List.of(prepared("a", (byte) 0, false)));

        assertThat(events).containsExactly("classified a");
        assertThat(listener.events).contains("refused s@2 invalid");
    }

    private void shadow(String model, String version) {
        catalog.shadowed(Fakes.release(model, version));
        background.runReady();
    }

    private void run(List<Prepared> items) {
        runner.run(new Batch<>(new BatchKey(backbone, SIZE), items));
    }

    private Prepared prepared(String model, byte value, boolean late) throws InterruptedException {
        ClassificationRequest request =
                new ClassificationRequest(model, URI.create("file:///a.png"), model, null, 5, late ? Fakes.NOW : null);
        ModelInfo info = new ModelInfo(model, model + "@1", List.of("a", "b"), SIZE, Precision.FP32);
        leases++;
        budget.acquire(BYTES);
        Lease lease = new Lease(new FakeModel(info, backbone, () -> {}), () -> leases--);
        Pixels pixels = new Pixels(SIZE, SIZE, new byte[] {value, 0, 0});
        return new Prepared(
                new FakeRequest(request, events),
                lease,
                pixels,
                PreparationTimings.attempt(1),
                BYTES,
                System.nanoTime());
    }

    /** Counts what passes through it; fails whenever the culprit is in a batch. */
    private static final class CountingBackbone extends FakeBackbone {
        private final List<Integer> batches = new ArrayList<>();
        private long heads;
        private boolean broken;

        CountingBackbone() {
            super(100);
        }

        @Override
        public List<Output> classify(List<Question> questions) {
            if (broken) {
                throw new OutOfMemoryError("no memory for a shadow");
            }
            if (questions.stream().anyMatch(question -> question.pixels().rgb()[0] == CULPRIT)) {
                throw new IllegalStateException("this image breaks the network");
            }
            batches.add(questions.size());
            heads = questions.stream().map(Question::head).distinct().count();
            return super.classify(questions);
        }
    }
}
