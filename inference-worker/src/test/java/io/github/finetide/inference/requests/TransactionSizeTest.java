package io.github.finetide.inference.requests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TransactionSizeTest {
    private static final Duration BROKERS_LIMIT = Duration.ofSeconds(20);

    private final TransactionSize size = new TransactionSize();

    /** As where a quota lets a client write 300 bytes a second: 134 results of 600 bytes never got through. */
    @Test
    void transactionsThatTakeTooLongGetSmallerUntilTheyGetThrough() {
        long bytes = 134 * 600;
        int failures = 0;
        while (bytes / 300 > BROKERS_LIMIT.toSeconds()) {
            size.ended(bytes, BROKERS_LIMIT);
            bytes = largest();
            failures++;
        }

        assertThat(failures).isLessThanOrEqualTo(2);
    }

    @Test
    void oneResultFitsHoweverLongItTakes() {
        for (int i = 0; i < 20; i++) {
            size.ended(Math.max(1, largest()), BROKERS_LIMIT);
        }

        assertThat(size.fits(0, 1_000_000)).isTrue();
        assertThat(size.fits(1, 1)).isFalse();
    }

    @Test
    void quickOnesGrowUpToTheLimit() {
        size.ended(1_000, BROKERS_LIMIT);
        assertThat(largest()).isEqualTo(250);

        size.ended(250, Duration.ofSeconds(4));
        assertThat(largest()).as("neither quick nor slow").isEqualTo(250);
        for (int i = 0; i < 30; i++) {
            size.ended(100, Duration.ofMillis(10));
        }
        assertThat(largest()).isEqualTo(TransactionSize.MOST_BYTES);
    }

    private long largest() {
        long bytes = TransactionSize.MOST_BYTES;
        while (bytes > 1 && !size.fits(1, bytes - 1)) {
            bytes--;
        }
        return bytes;
    }
}
