package io.github.finetide.trainer.report;

import io.github.finetide.message.Confidence;
import java.util.List;

/**
 * What a model's confidence is worth: how often it is right, by how sure it is.
 *
 * @param before bins of the probabilities as they are
 * @param after bins of the calibrated ones
 */
public record Reliability(Confidence confidence, List<Bin> before, List<Bin> after) {
    /**
     * Images that the model is about equally sure of.
     *
     * @param confidence a mean
     * @param accuracy the share that is right
     */
    public record Bin(int images, double confidence, double accuracy) {}

    public Reliability {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }
}
