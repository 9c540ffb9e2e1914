package io.github.finetide.network.weights;

import io.github.finetide.tensor.StateDict;
import java.nio.file.Path;

/**
 * Starting weights in their canonical form: fp32 under torchvision's names, in one safetensors file.
 *
 * @param dict the tensors, mapped from the file
 * @param sha256 of the file, in hex: equal for equal weights, whatever they came from
 * @param file in the weights cache, named {@code <sha256>.safetensors}
 */
public record ResolvedWeights(StateDict dict, String sha256, Path file) {}
