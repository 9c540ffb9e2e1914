package io.github.finetide.message;

import org.jspecify.annotations.Nullable;

/**
 * What answering only from a confidence on costs and gives.
 *
 * @param coverage the share of images that are answered then
 * @param accuracy of those; absent where there are none
 */
public record ConfidenceThreshold(
        double minConfidence, double coverage, @Nullable Double accuracy) {
    public ConfidenceThreshold {
        Check.fraction("minConfidence", minConfidence);
        Check.fraction("coverage", coverage);
        if (accuracy != null) {
            Check.fraction("accuracy", accuracy);
        }
    }
}
