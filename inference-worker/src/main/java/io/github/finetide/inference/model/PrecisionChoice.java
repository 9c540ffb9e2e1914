package io.github.finetide.inference.model;

import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.store.CheckpointManifest;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** In which precision a model is served, and what follows from it. */
public final class PrecisionChoice {
    /** Points of accuracy that int8 may cost before it is not taken by itself. */
    private static final double MAX_ACCURACY_DROP = 0.005;

    /** Of the difference of two quotients. */
    private static final double ROUNDING = 1e-9;

    private final @Nullable Precision wanted;
    private final Set<Precision> fast;

    /**
     * @param wanted of all models; null: for each the fastest that its release calls good enough
     * @param fast those in which residual networks are faster here than in fp32
     */
    public PrecisionChoice(@Nullable Precision wanted, Set<Precision> fast) {
        this.wanted = wanted;
        this.fast = Set.copyOf(fast);
    }

    Precision of(CheckpointManifest manifest) {
        if (wanted != null) {
            return wanted;
        }
        if (manifest.network() == Architecture.CNN) {
            return Precision.FP32;
        }
        if (fast.contains(Precision.INT8) && isGoodEnough(manifest, Precision.INT8)) {
            return Precision.INT8;
        }
        return fast.contains(Precision.BF16) ? Precision.BF16 : Precision.FP32;
    }

    private static boolean isGoodEnough(CheckpointManifest manifest, Precision precision) {
        Map<String, PrecisionScores> measured = manifest.precisions();
        if (measured == null) {
            return false;
        }
        PrecisionScores own = measured.get(manifest.job().precision().wire());
        PrecisionScores scores = measured.get(precision.wire());
        return own != null && scores != null && own.accuracy() - scores.accuracy() <= MAX_ACCURACY_DROP + ROUNDING;
    }

    /** How far a probability may be from the trainer's in the same precision: another processor rounds otherwise. */
    static double tolerance(Precision precision) {
        return switch (precision) {
            case FP32 -> 0.001;
            case BF16 -> 0.05;
            case INT8 -> 0.05;
        };
    }
}
