package io.github.finetide.inference;

/**
 * What preparing images may take.
 *
 * @param decodeThreads images decoded at once
 * @param fetchesPerSource images of one host, store or disk in work at once
 * @param prepared bytes of images that wait for the network, and of those it works on
 * @param retries of transient faults
 */
record PreparationLimits(int decodeThreads, int fetchesPerSource, ByteBudget prepared, RetryPolicy retries) {
    /** Images in work at once, most of them waiting for bytes; each may hold 64 MiB of file. */
    static final int FETCH_THREADS = 16;
    /** Half: one host that does not answer leaves the other half to all others. */
    static final int FETCHES_PER_SOURCE = FETCH_THREADS / 2;
    /** About 1,300 images of 256x256, or 40 batches of 32: the network never waits for want of room. */
    static final long PREPARED_BYTES = 256L << 20;
}
