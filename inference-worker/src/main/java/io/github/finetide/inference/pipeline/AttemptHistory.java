package io.github.finetide.inference.pipeline;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of a request's attempts.
 *
 * @param number of the current one, counting from 1
 * @param inVainSince when the first one failed, or since when it waits for a source that is away
 */
record AttemptHistory(int number, @Nullable Instant inVainSince) {
    static final AttemptHistory FIRST = new AttemptHistory(1, null);

    AttemptHistory next(Instant now) {
        return new AttemptHistory(number + 1, inVainSince == null ? now : inVainSince);
    }

    AttemptHistory waited(Duration inVain, Instant now) {
        return inVain.isZero() || inVainSince != null ? this : new AttemptHistory(number, now.minus(inVain));
    }

    Duration inVain(Instant now) {
        return inVainSince == null ? Duration.ZERO : Duration.between(inVainSince, now);
    }
}
