package io.github.finetide.message;

import java.util.List;

/**
 * What a model's probabilities are worth, measured on its validation images.
 *
 * @param temperature logits are divided by it before the softmax that gives a result's {@code confidence}
 * @param ece expected calibration error in 15 bins of equal width
 * @param nll negative log-likelihood of the true class, a mean
 * @param thresholds by rising {@code minConfidence}, calibrated
 */
public record Confidence(double temperature, BeforeAfter ece, BeforeAfter nll, List<ConfidenceThreshold> thresholds) {
    public Confidence {
        Check.positive("temperature", temperature);
        thresholds = List.copyOf(thresholds);
    }
}
