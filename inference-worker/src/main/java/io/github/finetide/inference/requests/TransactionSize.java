package io.github.finetide.inference.requests;

import java.time.Duration;

/**
 * How many bytes go together in a transaction: fewer where that takes long. A broker that lets a client write a few
 * hundred bytes a second would end every transaction that is larger, however often it is repeated.
 *
 * <p>See RATIONALE.md, Why do slow transactions get smaller?
 */
final class TransactionSize {
    /** Some thousand results. */
    static final long MOST_BYTES = 4L << 20;

    /** A tenth of the time after which a broker ends a transaction. */
    static final Duration QUICK = Duration.ofSeconds(2);

    /** Far enough from that time for the next one to be slower. */
    static final Duration SLOW = Duration.ofSeconds(7);

    /** So a transaction of 1 MB is at 1 kB after five failures. */
    private static final int DIVISOR = 4;

    private long bytes = MOST_BYTES;

    /** Whether a result fits beside others of so many bytes; alone it always does. */
    boolean fits(long others, long result) {
        return others == 0 || others + result <= bytes;
    }

    /** A transaction of so many bytes was committed, or failed, after this time. */
    void ended(long transactionBytes, Duration took) {
        if (took.compareTo(SLOW) > 0) {
            bytes = Math.max(1, Math.min(bytes, transactionBytes) / DIVISOR);
        } else if (took.compareTo(QUICK) < 0) {
            bytes = Math.min(MOST_BYTES, 2 * bytes);
        }
    }
}
