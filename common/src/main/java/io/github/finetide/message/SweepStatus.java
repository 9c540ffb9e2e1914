package io.github.finetide.message;

import org.jspecify.annotations.Nullable;

/**
 * How far a sweep is.
 *
 * @param variants of the sweep
 * @param done so many, the first ones
 * @param best variant so far
 * @param values of that variant
 */
public record SweepStatus(
        int variants,
        int done,
        @Nullable Integer best,
        @Nullable SweepValues values) {
    public SweepStatus {
        Check.range("variants", variants, 1, Sweep.MAX_VARIANTS);
        Check.range("done", done, 0, variants);
    }
}
