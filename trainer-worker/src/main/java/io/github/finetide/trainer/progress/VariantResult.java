package io.github.finetide.trainer.progress;

import io.github.finetide.message.SweepVariant;
import java.util.List;

/**
 * A variant of a sweep that is done.
 *
 * @param epochs all of them, in order; they have no checkpoints
 */
public record VariantResult(SweepVariant variant, List<EpochResult> epochs) {
    public VariantResult {
        epochs = List.copyOf(epochs);
    }
}
