package io.github.finetide.store;

import io.github.finetide.message.SweepVariant;
import java.util.List;

/**
 * {@code sweep.json}: the variants of a sweep that are done, the first ones.
 *
 * @param jobDigest of the job that they belong to
 */
public record StoredSweep(String jobDigest, List<SweepVariant> variants) {
    static final String NAME = "sweep.json";

    public StoredSweep {
        variants = List.copyOf(variants);
    }
}
