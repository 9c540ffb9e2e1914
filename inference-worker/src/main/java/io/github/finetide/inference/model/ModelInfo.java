package io.github.finetide.inference.model;

import io.github.finetide.message.AnswerProfile;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.Precision;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What answers and metrics say of a model in memory.
 *
 * @param confidence what its probabilities are worth; absent in checkpoints that were not measured
 * @param answers on its validation images; absent in checkpoints that were not measured
 */
public record ModelInfo(
        String model,
        String version,
        List<String> classNames,
        int imageSize,
        Precision precision,
        @Nullable Confidence confidence,
        @Nullable AnswerProfile answers) {
    /** A model of which nobody measured what its probabilities are worth. */
    public ModelInfo(String model, String version, List<String> classNames, int imageSize, Precision precision) {
        this(model, version, classNames, imageSize, precision, null, null);
    }

    /** What logits are divided by for a result's confidence; 1 where it was not measured. */
    public double temperature() {
        return confidence == null ? 1 : confidence.temperature();
    }
}
