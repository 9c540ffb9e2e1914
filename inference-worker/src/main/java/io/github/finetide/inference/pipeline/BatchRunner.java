package io.github.finetide.inference.pipeline;

import io.github.finetide.image.ByteBudget;
import io.github.finetide.inference.model.Backbone;
import io.github.finetide.inference.model.Backbone.Output;
import io.github.finetide.inference.model.Shadows;
import io.github.finetide.inference.pipeline.BatchBisection.Outcome;
import io.github.finetide.inference.pipeline.Batcher.Batch;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** What the network's thread does: one batch after the other, for as long as the worker lives. */
public final class BatchRunner implements Runnable {
    /** The largest batch (1,024) at two images a second takes nine minutes. */
    private static final Duration BATCH_LIMIT = Duration.ofMinutes(15);

    private final Batcher<BatchKey, Prepared> batcher;
    private final ByteBudget budget;
    private final InstantSource clock;
    private final IntConsumer batchSizes;
    private final Shadows shadows;
    private final Consumer<ShadowComparison> comparisons;
    /** Since when it works on a batch, by {@link System#nanoTime()}; null between two. */
    private volatile @Nullable Long busySince;

    /** @param comparisons receives what the shadows say, once the requests have their answers */
    public BatchRunner(
            Batcher<BatchKey, Prepared> batcher,
            ByteBudget budget,
            InstantSource clock,
            IntConsumer batchSizes,
            Shadows shadows,
            Consumer<ShadowComparison> comparisons) {
        this.batcher = batcher;
        this.budget = budget;
        this.clock = clock;
        this.batchSizes = batchSizes;
        this.shadows = shadows;
        this.comparisons = comparisons;
    }

    @Override
    public void run() {
        try {
            Optional<Batch<BatchKey, Prepared>> batch = batcher.take();
            while (batch.isPresent()) {
                busySince = System.nanoTime();
                run(batch.get());
                busySince = null;
                batch = batcher.take();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    /** Why only a restart helps, in one sentence; null while batches come to their end. */
    public @Nullable String problem() {
        Long since = busySince;
        return since == null || System.nanoTime() - since < BATCH_LIMIT.toNanos()
                ? null
                : "the network has not answered a batch for " + BATCH_LIMIT;
    }

    void run(Batch<BatchKey, Prepared> batch) {
        List<Prepared> live = batch.items().stream().filter(this::isWorthwhile).toList();
        if (live.isEmpty()) {
            return;
        }
        Backbone backbone = batch.key().backbone();
        try (ShadowBatch beside = new ShadowBatch(shadows, backbone, live, comparisons)) {
            run(live, backbone, beside);
        }
    }

    private void run(List<Prepared> live, Backbone backbone, ShadowBatch beside) {
        long start = System.nanoTime();
        List<Outcome<Output>> outcomes = BatchBisection.run(
                live,
                items -> backbone.classify(items.stream().map(beside::question).toList()));
        BatchTimes times = new BatchTimes(start, (System.nanoTime() - start) / 1e6);
        batchSizes.accept(live.size());
        for (int i = 0; i < live.size(); i++) {
            deliver(live.get(i), outcomes.get(i), times);
        }
        beside.compare(live, outcomes);
    }

    private void deliver(Prepared prepared, Outcome<Output> outcome, BatchTimes times) {
        free(prepared);
        if (outcome instanceof Outcome.Done<Output> done) {
            prepared.request().classified(prepared, done.value(), times);
        } else if (outcome instanceof Outcome.Failed<Output> failed) {
            prepared.request().rejected(prepared.timings(), FaultException.of(failed.cause()));
        }
    }

    private boolean isWorthwhile(Prepared prepared) {
        RequestInFlight request = prepared.request();
        if (request.isWanted() && !request.isExpired(clock.instant())) {
            return true;
        }
        free(prepared);
        if (request.isWanted()) {
            request.rejected(prepared.timings(), Preparation.expired(request));
        } else {
            request.dropped();
        }
        return false;
    }

    private void free(Prepared prepared) {
        prepared.lease().close();
        budget.release(prepared.bytes());
    }
}
