package io.github.finetide.inference;

import io.github.finetide.message.Precision;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.EpochScores;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** In which precision a model is served, and what follows from it. */
final class PrecisionChoice {
    /** Points of accuracy that int8 may cost before it is not taken by itself. */
    private static final double MAX_ACCURACY_DROP = 0.005;

    private final @Nullable Precision wanted;
    private final Set<Precision> fast;

    /**
     * @param wanted of all models; null: for each the fastest that its release calls good enough
     * @param fast those that are faster here than fp32
     */
    PrecisionChoice(@Nullable Precision wanted, Set<Precision> fast) {
        this.wanted = wanted;
        this.fast = Set.copyOf(fast);
    }

    Precision of(CheckpointManifest manifest) {
        if (wanted != null) {
            return wanted;
        }
        if (fast.contains(Precision.INT8) && isGoodEnough(manifest, Precision.INT8)) {
            return Precision.INT8;
        }
        return fast.contains(Precision.BF16) ? Precision.BF16 : Precision.FP32;
    }

    private static boolean isGoodEnough(CheckpointManifest manifest, Precision precision) {
        Map<String, PrecisionScores> measured = manifest.precisions();
        PrecisionScores scores = measured == null ? null : measured.get(precision.wire());
        return scores != null
                && manifest.last()
                        .map(EpochScores::validation)
                        .filter(validation -> validation.accuracy() - scores.accuracy() <= MAX_ACCURACY_DROP)
                        .isPresent();
    }

    /** How far a probability may be from the trainer's: another processor, and rounding to 8 bits or in 8 bits. */
    static double tolerance(Precision serving, Precision training) {
        return Math.max(tolerance(serving), tolerance(training));
    }

    private static double tolerance(Precision precision) {
        return switch (precision) {
            case FP32 -> 0.001;
            case BF16 -> 0.05;
            case INT8 -> 0.1;
        };
    }
}
