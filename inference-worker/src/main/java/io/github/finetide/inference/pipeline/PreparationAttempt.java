package io.github.finetide.inference.pipeline;

import io.github.finetide.image.ByteBudget;
import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Lease;
import io.github.finetide.inference.pipeline.SourceScheduler.Reply;
import io.github.finetide.message.FaultException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a request whose model is in memory: waits for its source, fetches, decodes, and goes into a batch. Its
 * lease passes on to the batch; whatever else becomes of it, lease and place are free when it ends.
 */
final class PreparationAttempt implements SourceScheduler.Task {
    private final Preparation preparation;
    private final RequestInFlight request;
    private final Lease lease;
    private final Batcher<BatchKey, Prepared>.Place place;
    private AttemptHistory history;
    private PreparationTimings timings;
    private byte @Nullable [] encoded;

    PreparationAttempt(
            Preparation preparation,
            RequestInFlight request,
            AttemptHistory history,
            Lease lease,
            Batcher<BatchKey, Prepared>.Place place) {
        this.preparation = preparation;
        this.request = request;
        this.history = history;
        this.lease = lease;
        this.place = place;
        this.timings = PreparationTimings.attempt(history.number());
    }

    @Override
    public Reply ask(Duration inVain) {
        history = history.waited(inVain, preparation.now());
        if (!preparation.isWorthwhile(request, timings)
                || (!inVain.isZero() && preparation.isGivenUp(request, history, timings))) {
            return Reply.NOT_ASKED;
        }
        try {
            fetch();
            return Reply.ANSWERED;
        } catch (RuntimeException | Error why) {
            FaultException fault = FaultException.of(why);
            failed(fault);
            return fault.kind().isTransient() ? Reply.FAILED : Reply.ANSWERED;
        }
    }

    private void fetch() {
        long start = System.nanoTime();
        encoded = preparation.imaging().fetch(request.request().image());
        timings = new PreparationTimings(history.number(), millisSince(start), 0);
    }

    /** With the bytes that were fetched, if they were. */
    @Override
    public void finish() {
        byte[] fetched = encoded;
        boolean passedOn = false;
        try (place) {
            passedOn = fetched != null && decode(fetched);
        } finally {
            if (!passedOn) {
                lease.close();
            }
        }
    }

    private boolean decode(byte[] fetched) {
        int size = lease.model().info().imageSize();
        long bytes = (long) size * size * Pixels.CHANNELS;
        ByteBudget room = preparation.limits().prepared();
        try {
            room.acquire(bytes);
        } catch (InterruptedException stopping) {
            request.dropped();
            return false;
        }
        try {
            enterBatch(pixels(fetched, size), bytes);
            return true;
        } catch (InterruptedException stopping) {
            request.dropped();
        } catch (RuntimeException | Error why) {
            failed(FaultException.of(why));
        }
        room.release(bytes);
        return false;
    }

    private Pixels pixels(byte[] fetched, int size) throws InterruptedException {
        long start = System.nanoTime();
        Pixels pixels = preparation.decode(fetched, size);
        timings = new PreparationTimings(timings.attempts(), timings.fetchMillis(), millisSince(start));
        return pixels;
    }

    private void enterBatch(Pixels pixels, long bytes) {
        Prepared prepared = new Prepared(request, lease, pixels, timings, bytes, System.nanoTime());
        place.fill(new BatchKey(lease.model().backbone(), pixels.width()), prepared);
    }

    private void failed(FaultException why) {
        preparation.failed(request, history, timings, why);
    }

    private static double millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1e6;
    }
}
