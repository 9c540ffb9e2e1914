package io.github.finetide.inference.pipeline;

import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Lease;
import io.github.finetide.inference.model.ModelCatalog;
import io.github.finetide.inference.pipeline.SourceScheduler.Asked;
import io.github.finetide.inference.pipeline.SourceScheduler.Reply;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.Background;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Fetches, decodes and resizes each image on its own, ahead of the network. What fails for now is
 * tried again after a pause that holds no thread.
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
    private final ResultSink outbox;
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
            ResultSink outbox,
            InstantSource clock) {
        this.catalog = catalog;
        this.imaging = imaging;
        this.limits = limits;
        this.threads = threads;
        this.sources = new SourceScheduler(threads, limits.fetchThreads(), clock);
        this.decoders = new Semaphore(limits.decodeThreads(), true);
        this.batcher = batcher;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** Begins nothing more; what has begun is finished. */
    public void stop() {
        stopping = true;
    }

    public void accept(RequestInFlight work) {
        attempt(new Try(work, 1, null));
    }

    /** Returns how many requests wait for what is away or slow: their source, or a model being loaded. */
    public int aside() {
        return pausing.get() + loading.get() + sources.waitingForSlowOnes();
    }

    /**
     * One try at a request.
     *
     * @param number counting from 1
     * @param inVainSince when the first one failed, or since when it waits for a source that is away
     */
    private record Try(
            RequestInFlight work, int number, @Nullable Instant inVainSince) {
        Try next(Instant now) {
            return new Try(work, number + 1, inVainSince == null ? now : inVainSince);
        }

        Try waited(Duration inVain, Instant now) {
            return inVain.isZero() || inVainSince != null ? this : new Try(work, number, now.minus(inVain));
        }

        Duration inVain(Instant now) {
            return inVainSince == null ? Duration.ZERO : Duration.between(inVainSince, now);
        }

        PreparationTimings effort() {
            return PreparationTimings.attempt(number);
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // both outcomes are dealt with here
    private void attempt(Try current) {
        RequestInFlight work = current.work();
        if (!isWorthwhile(work, current.effort())) {
            return;
        }
        CompletableFuture<Lease> acquired = catalog.acquire(
                        work.request().model(), work.request().version())
                .toCompletableFuture();
        int waits = acquired.isDone() ? 0 : 1;
        loading.addAndGet(waits);
        acquired.whenComplete((lease, thrown) -> {
            loading.addAndGet(-waits);
            if (thrown != null) {
                failed(current, current.effort(), FaultException.of(thrown));
            } else {
                Batcher<BatchKey, Prepared>.Place place = batcher.expect();
                sources.execute(Sources.of(work.request().image()), inVain -> {
                    Asked asked = prepare(current.waited(inVain, clock.instant()), lease, inVain, place);
                    return new Asked(asked.reply(), () -> {
                        try (place) {
                            asked.rest().run();
                        }
                    });
                });
            }
        });
    }

    private Asked prepare(Try current, Lease lease, Duration inVain, Batcher<BatchKey, Prepared>.Place place) {
        RequestInFlight work = current.work();
        PreparationTimings effort = current.effort();
        if (!isWorthwhile(work, effort)) {
            lease.close();
            return new Asked(Reply.NOT_ASKED);
        }
        if (!inVain.isZero() && limits.retries().isOver(current.inVain(clock.instant()))) {
            lease.close();
            outbox.rejected(work, effort, away());
            return new Asked(Reply.NOT_ASKED);
        }
        try {
            long start = System.nanoTime();
            byte[] encoded = imaging.fetch(work.request().image());
            PreparationTimings fetched = new PreparationTimings(current.number(), millisSince(start), 0);
            return new Asked(Reply.ANSWERED, () -> decode(current, lease, fetched, encoded, place));
        } catch (RuntimeException | Error why) {
            lease.close();
            FaultException fault = FaultException.of(why);
            failed(current, effort, fault);
            return new Asked(fault.kind().isTransient() ? Reply.FAILED : Reply.ANSWERED);
        }
    }

    private void decode(
            Try current,
            Lease lease,
            PreparationTimings effort,
            byte[] encoded,
            Batcher<BatchKey, Prepared>.Place place) {
        try {
            hand(current.work(), lease, effort, encoded, place);
        } catch (RuntimeException | Error why) {
            lease.close();
            failed(current, effort, FaultException.of(why));
        } catch (InterruptedException stopping) {
            lease.close();
            outbox.dropped(current.work());
        }
    }

    private void hand(
            RequestInFlight work,
            Lease lease,
            PreparationTimings fetched,
            byte[] encoded,
            Batcher<BatchKey, Prepared>.Place place)
            throws InterruptedException {
        int size = lease.model().info().imageSize();
        long bytes = (long) size * size * Pixels.CHANNELS;
        limits.prepared().acquire(bytes);
        try {
            long start = System.nanoTime();
            Pixels pixels = decode(encoded, size);
            PreparationTimings effort =
                    new PreparationTimings(fetched.attempts(), fetched.fetchMillis(), millisSince(start));
            Prepared prepared = new Prepared(work, lease, pixels, effort, bytes, System.nanoTime());
            place.fill(new BatchKey(lease.model().backbone(), size), prepared);
        } catch (RuntimeException | Error why) {
            limits.prepared().release(bytes);
            throw why;
        }
    }

    /** At most so many at once as there are decode threads, and as there is memory for. */
    private Pixels decode(byte[] encoded, int size) throws InterruptedException {
        long bytes = imaging.decodedBytes(encoded);
        decoders.acquire();
        try {
            limits.decoding().acquire(bytes);
            try {
                return imaging.decode(encoded, size);
            } finally {
                limits.decoding().release(bytes);
            }
        } finally {
            decoders.release();
        }
    }

    private boolean isWorthwhile(RequestInFlight work, PreparationTimings effort) {
        if (stopping || !work.isWanted()) {
            outbox.dropped(work);
            return false;
        }
        if (work.isExpired(clock.instant())) {
            outbox.rejected(work, effort, expired(work));
            return false;
        }
        return true;
    }

    private void failed(Try current, PreparationTimings effort, FaultException why) {
        Instant now = clock.instant();
        Try next = current.next(now);
        boolean again = why.kind().isTransient()
                ? limits.retries().permits(current.number(), next.inVain(now))
                : why.kind() == ErrorKind.UNKNOWN_MODEL && current.number() < LOOKS_FOR_MODEL;
        if (!again) {
            outbox.rejected(current.work(), effort, why);
            return;
        }
        pausing.incrementAndGet();
        threads.later(why.pause(limits.retries().pauseAfter(current.number())), () -> {
            pausing.decrementAndGet();
            attempt(next);
        });
    }

    private FaultException away() {
        return new FaultException(
                ErrorKind.UNAVAILABLE,
                "the image's source has not answered for " + limits.retries().patience());
    }

    static FaultException expired(RequestInFlight work) {
        return new FaultException(
                ErrorKind.EXPIRED,
                "the answer was wanted before " + work.request().expiresAt());
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }
}
