package io.github.finetide.trainer.progress;

import io.github.finetide.message.SweepVariant;
import java.util.List;

/**
 * A variant of a sweep that is done.
 *
 * @param epochs all of them, in order; they have no checkpoints. None where there are folds
 * @param folds by which the variant is compared; none where the job has none
 */
public record VariantResult(SweepVariant variant, List<EpochResult> epochs, List<FoldResult> folds) {
    public VariantResult {
        epochs = List.copyOf(epochs);
        folds = List.copyOf(folds);
    }

    /** How many epochs there are, of all folds. */
    public int count() {
        return epochs.size()
                + folds.stream().mapToInt(fold -> fold.epochs().size()).sum();
    }
}
