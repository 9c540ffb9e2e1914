package io.github.finetide.store;

import org.jspecify.annotations.Nullable;

/**
 * Where early stopping stands.
 *
 * @param reference the value to improve on; absent before the first epoch's end and without a rule
 * @param epochsWithout improvement, in a row
 */
public record StoppingState(@Nullable Double reference, int epochsWithout) {
    /** Before the first epoch. */
    public static final StoppingState START = new StoppingState(null, 0);
}
