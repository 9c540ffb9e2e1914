package io.github.finetide.inference.pipeline;

import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Lease;
import io.github.finetide.inference.model.ModelCatalog;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.Background;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Fetches, decodes and resizes each image on its own, ahead of the network: a request waits for its model, then for its
 * source ({@link PreparationAttempt}). What fails for now is tried again after a pause that holds no thread.
 */
public final class Preparation {
    /** A release and a request for it may overtake each other on their topics: look twice. */
    private static final int LOOKS_FOR_MODEL = 2;

    private final ModelCatalog catalog;
    private final Imaging imaging;
    private final PreparationLimits limits;
    private final Background threads;
    private final SourceScheduler sources;
    private final Semaphore decoders;
    private final Batcher<BatchKey, Prepared> batcher;
    private final InstantSource clock;
    private final AtomicInteger pausing = new AtomicInteger();
    private final AtomicInteger loading = new AtomicInteger();
    private volatile boolean stopping;

    public Preparation(
            ModelCatalog catalog,
            Imaging imaging,
            PreparationLimits limits,
            Background threads,
            Batcher<BatchKey, Prepared> batcher,
            InstantSource clock) {
        this.catalog = catalog;
        this.imaging = imaging;
        this.limits = limits;
        this.threads = threads;
        this.sources = new SourceScheduler(threads, limits.fetchThreads(), clock);
        this.decoders = new Semaphore(limits.decodeThreads(), true);
        this.batcher = batcher;
        this.clock = clock;
    }

    /** Begins nothing more; what has begun is finished. */
    public void stop() {
        stopping = true;
    }

    public void accept(RequestInFlight request) {
        begin(request, AttemptHistory.FIRST);
    }

    /** Returns how many requests wait for what is away or slow: their source, or a model being loaded. */
    public int aside() {
        return pausing.get() + loading.get() + sources.waitingForSlowOnes();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // both outcomes are dealt with here
    private void begin(RequestInFlight request, AttemptHistory history) {
        PreparationTimings timings = PreparationTimings.attempt(history.number());
        if (!isWorthwhile(request, timings)) {
            return;
        }
        CompletableFuture<Lease> acquired = catalog.acquire(
                        request.request().model(), request.request().version())
                .toCompletableFuture();
        int waits = acquired.isDone() ? 0 : 1;
        loading.addAndGet(waits);
        acquired.whenComplete((lease, thrown) -> {
            loading.addAndGet(-waits);
            try {
                if (thrown == null) {
                    prepare(request, history, lease);
                } else {
                    failed(request, history, timings, FaultException.of(thrown));
                }
            } catch (RuntimeException | Error why) { // the future would keep it to itself
                threads.failed(why);
            }
        });
    }

    private void prepare(RequestInFlight request, AttemptHistory history, Lease lease) {
        PreparationAttempt attempt = new PreparationAttempt(this, request, history, lease, batcher.expect());
        sources.execute(Sources.of(request.request().image()), attempt);
    }

    /** If not, it has left the pipeline. */
    boolean isWorthwhile(RequestInFlight request, PreparationTimings timings) {
        if (stopping || !request.isWanted()) {
            request.dropped();
            return false;
        }
        if (request.isExpired(clock.instant())) {
            request.rejected(timings, expired(request));
            return false;
        }
        return true;
    }

    /** Whether it has waited too long for a source that is away; if so, it has left the pipeline. */
    boolean isGivenUp(RequestInFlight request, AttemptHistory history, PreparationTimings timings) {
        boolean over = limits.retries().isOver(history.inVain(clock.instant()));
        if (over) {
            request.rejected(timings, away());
        }
        return over;
    }

    /** At most so many at once as there are decode threads. */
    Pixels decode(byte[] encoded, int size) throws InterruptedException {
        decoders.acquire();
        try {
            return imaging.decode(encoded, size);
        } finally {
            decoders.release();
        }
    }

    /** Tries again after a pause, or rejects the request. */
    void failed(RequestInFlight request, AttemptHistory history, PreparationTimings timings, FaultException why) {
        Instant now = clock.instant();
        AttemptHistory next = history.next(now);
        boolean again = why.kind().isTransient()
                ? limits.retries().permits(history.number(), next.inVain(now))
                : why.kind() == ErrorKind.UNKNOWN_MODEL && history.number() < LOOKS_FOR_MODEL;
        if (!again) {
            request.rejected(timings, why);
            return;
        }
        pausing.incrementAndGet();
        threads.later(why.pause(limits.retries().pauseAfter(history.number())), () -> {
            pausing.decrementAndGet();
            begin(request, next);
        });
    }

    Instant now() {
        return clock.instant();
    }

    Imaging imaging() {
        return imaging;
    }

    PreparationLimits limits() {
        return limits;
    }

    private FaultException away() {
        return new FaultException(
                ErrorKind.UNAVAILABLE,
                "the image's source has not answered for " + limits.retries().patience());
    }

    static FaultException expired(RequestInFlight request) {
        return new FaultException(
                ErrorKind.EXPIRED,
                "the result was wanted before " + request.request().expiresAt());
    }
}
