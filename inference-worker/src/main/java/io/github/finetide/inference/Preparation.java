package io.github.finetide.inference;

import io.github.finetide.image.Pixels;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.time.Clock;
import java.util.concurrent.Semaphore;

/**
 * Fetches, decodes and resizes each image on its own, ahead of the network. What fails for now is
 * tried again after a pause that holds no thread.
 */
final class Preparation {
    /** A release and a request for it may overtake each other on their topics: look twice. */
    private static final int LOOKS_FOR_MODEL = 2;

    private final ModelCatalog catalog;
    private final Imaging imaging;
    private final PreparationLimits limits;
    private final Background threads;
    private final Bulkheads sources;
    private final Semaphore decoders;
    private final Batcher<Lane, Prepared> batcher;
    private final Outbox outbox;
    private final Clock clock;
    private volatile boolean stopping;

    Preparation(
            ModelCatalog catalog,
            Imaging imaging,
            PreparationLimits limits,
            Background threads,
            Batcher<Lane, Prepared> batcher,
            Outbox outbox,
            Clock clock) {
        this.catalog = catalog;
        this.imaging = imaging;
        this.limits = limits;
        this.threads = threads;
        this.sources = new Bulkheads(threads, limits.fetchesPerSource());
        this.decoders = new Semaphore(limits.decodeThreads(), true);
        this.batcher = batcher;
        this.outbox = outbox;
        this.clock = clock;
    }

    /** Begins nothing more; what has begun is finished. */
    void stop() {
        stopping = true;
    }

    void accept(Work work) {
        attempt(work, 1);
    }

    private void attempt(Work work, int number) {
        if (!isWorthwhile(work, Effort.attempt(number))) {
            return;
        }
        catalog.acquire(work.request().model(), work.request().version()).whenComplete((lease, thrown) -> {
            if (thrown != null) {
                failed(work, Effort.attempt(number), Faults.of(thrown));
            } else {
                sources.execute(Sources.of(work.request().image()), () -> prepare(work, lease, number));
            }
        });
    }

    private void prepare(Work work, Lease lease, int number) {
        Effort effort = Effort.attempt(number);
        try {
            if (!isWorthwhile(work, effort)) {
                lease.close();
                return;
            }
            long start = System.nanoTime();
            byte[] encoded = imaging.fetch(work.request().image());
            effort = new Effort(number, millisSince(start), 0);
            hand(work, lease, effort, encoded);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError why) {
            lease.close();
            failed(work, effort, Faults.of(why));
        } catch (InterruptedException stopping) {
            lease.close();
            outbox.dropped(work);
        }
    }

    private void hand(Work work, Lease lease, Effort fetched, byte[] encoded) throws InterruptedException {
        int size = lease.model().info().imageSize();
        long bytes = (long) size * size * Pixels.CHANNELS;
        limits.prepared().acquire(bytes);
        try {
            long start = System.nanoTime();
            Pixels pixels = decode(encoded, size);
            Effort effort = new Effort(fetched.attempts(), fetched.fetchMillis(), millisSince(start));
            Prepared prepared = new Prepared(work, lease, pixels, effort, bytes, System.nanoTime());
            batcher.add(new Lane(lease.model().backbone(), size), prepared);
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

    private boolean isWorthwhile(Work work, Effort effort) {
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

    private void failed(Work work, Effort effort, FaultException why) {
        boolean again = why.kind().isTransient()
                ? limits.retries().permits(effort.attempts())
                : why.kind() == ErrorKind.UNKNOWN_MODEL && effort.attempts() < LOOKS_FOR_MODEL;
        if (again) {
            threads.later(limits.retries().pauseAfter(effort.attempts()), () -> attempt(work, effort.attempts() + 1));
        } else {
            outbox.rejected(work, effort, why);
        }
    }

    static FaultException expired(Work work) {
        return new FaultException(
                ErrorKind.EXPIRED,
                "the answer was wanted before " + work.request().expiresAt());
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }
}
