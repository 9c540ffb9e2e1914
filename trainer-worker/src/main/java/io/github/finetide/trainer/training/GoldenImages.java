package io.github.finetide.trainer.training;

import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.learning.Learner;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A few validation images, saved with the probabilities that the network gives them, so that whoever loads the checkpoint can
 * check that it computes the same. Their features are computed once where they cannot change.
 */
final class GoldenImages {
    private final TensorData pixels;
    private final boolean featuresAreFixed;
    private @Nullable TensorData features;

    /**
     * @param pixels uint8 {@code [n, edge, edge, 3]}
     * @param featuresAreFixed as {@link Learner#fixedFeatures}
     */
    GoldenImages(TensorData pixels, boolean featuresAreFixed) {
        this.pixels = pixels;
        this.featuresAreFixed = featuresAreFixed;
    }

    TensorData pixels() {
        return pixels;
    }

    /** Returns {@code images}, uint8, with the {@code probabilities} they have now. */
    StateDict seenBy(Learner learner) {
        TensorData now = features;
        if (now == null || !featuresAreFixed) {
            now = learner.features(pixels);
            features = now;
        }
        return StateDict.of(List.of(pixels, learner.probabilities(now)));
    }
}
