package io.github.finetide.inference.pipeline;

import io.github.finetide.image.ByteBudget;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.runtime.RetryPolicy;

/**
 * What preparing images may take.
 *
 * @param fetchThreads images in work at once, most of them waiting for bytes
 * @param decodeThreads images decoded at once
 * @param prepared bytes of images that wait for the network, and of those it works on
 * @param retries of transient faults
 */
public record PreparationLimits(int fetchThreads, int decodeThreads, ByteBudget prepared, RetryPolicy retries) {
    /** Enough to hide the latency of one source behind others; {@link SourceScheduler} divides them. */
    static final int MOST_FETCH_THREADS = 16;
    /** A quarter of them is one: what new sources, and what quick ones, have for themselves. */
    static final int LEAST_FETCH_THREADS = 4;
    /** About 1,300 images of 256x256, or 40 batches of 32: the network never waits for want of room. */
    static final long MOST_PREPARED_BYTES = 256L << 20;

    /**
     * A quarter of the heap each for encoded images, of which a thread holds one, and for prepared ones; half is left
     * for those being decoded ({@link io.github.finetide.image.decode.BoundedDecoder}).
     */
    public static PreparationLimits of(int decodeThreads, long heapBytes) {
        return of(decodeThreads, heapBytes, ImageLimits.defaults());
    }

    /** The same for other limits of an image. */
    public static PreparationLimits of(int decodeThreads, long heapBytes, ImageLimits images) {
        long threads = heapBytes / 4 / images.maxBytes();
        return new PreparationLimits(
                (int) Math.max(LEAST_FETCH_THREADS, Math.min(threads, MOST_FETCH_THREADS)),
                decodeThreads,
                new ByteBudget(Math.min(heapBytes / 4, MOST_PREPARED_BYTES)),
                RetryPolicy.DEFAULT);
    }
}
