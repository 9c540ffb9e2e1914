package io.github.finetide.network;

import io.github.finetide.message.Architecture;

/** Weights nobody has trained yet, drawn from a seed as PyTorch's layers draw theirs. */
@SuppressWarnings("DoNotCallSuggester")
public final class InitialWeights {
    private InitialWeights() {}

    /**
     * Draws a head as {@code nn.Linear} does: weight and bias from U(-1/sqrt(features),
     * 1/sqrt(features)).
     */
    public static StateDict head(Architecture architecture, int classes, int imageSize, long seed) {
        throw new UnsupportedOperationException();
    }
}
