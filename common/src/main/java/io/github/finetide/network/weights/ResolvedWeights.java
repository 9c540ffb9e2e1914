package io.github.finetide.network.weights;

import io.github.finetide.tensor.StateDict;
import java.nio.file.Path;
import java.util.List;

/**
 * Starting weights in their canonical form: fp32 under torchvision's names, in one safetensors file.
 *
 * @param dict the tensors, mapped from the file
 * @param sha256 of the file, in hex: equal for equal weights, whatever they came from
 * @param file in the weights cache, named {@code <sha256>.safetensors}
 * @param warnings what was done to read them that the user should look at
 */
public record ResolvedWeights(StateDict dict, String sha256, Path file, List<String> warnings) {
    public ResolvedWeights {
        warnings = List.copyOf(warnings);
    }

    /** Weights that were read as they are. */
    public ResolvedWeights(StateDict dict, String sha256, Path file) {
        this(dict, sha256, file, List.of());
    }

    ResolvedWeights warning(List<String> about) {
        return new ResolvedWeights(dict, sha256, file, about);
    }
}
