package io.github.finetide.trainer.learning;

import io.github.finetide.message.ClassScores;
import io.github.finetide.message.ValidationScores;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a pass over the validation set gave.
 *
 * @param confusionMatrix images by [label][prediction]; null above EpochMetrics.MAX_CONFUSION_CLASSES
 * @param perClass in the order of the classes; null above EpochMetrics.MAX_CLASS_SCORES
 */
public record Evaluation(
        ValidationScores scores,
        @Nullable List<List<Integer>> confusionMatrix,
        @Nullable List<ClassScores> perClass) {}
