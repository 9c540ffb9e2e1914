package io.github.finetide.trainer.progress;

import io.github.finetide.message.ValidationScores;
import java.util.List;

/**
 * A fold of a cross-validation that is done.
 *
 * @param fold from 1
 * @param epochs all of them, in order; they have no checkpoints
 * @param scores of the epoch that counts: the one that the job would release
 */
public record FoldResult(int fold, List<EpochResult> epochs, ValidationScores scores) {
    public FoldResult {
        epochs = List.copyOf(epochs);
    }
}
