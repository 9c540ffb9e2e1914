package io.github.finetide.network;

import io.github.finetide.message.Architecture;
import java.nio.file.Path;

/** Turns the {@code weights} field of a job into tensors. */
@SuppressWarnings("DoNotCallSuggester")
public final class StartingWeights {
    /**
     * Resolves into a cache.
     *
     * @param cache folder for downloads and canonical files, shared by processes
     * @param fetch for the URIs jobs name
     */
    public StartingWeights(Path cache, WeightsFetch fetch) {}

    /**
     * Finds, converts and checks the weights.
     *
     * @param weights {@code IMAGENET1K_V2}, a URI of a {@code .safetensors} or {@code .pth} file, or
     *     {@code random:<seed>}; for the CNN, which has no published weights, give {@code random:<seed>}
     * @throws io.github.finetide.message.FaultException INVALID or UNAVAILABLE
     */
    public ResolvedWeights resolve(String weights, Architecture architecture) {
        throw new UnsupportedOperationException();
    }
}
