/**
 * Tensors as plain bytes, and the files that hold them: safetensors and PyTorch's. Start at
 * {@link io.github.finetide.tensor.StateDict}. Sees {@code message}; no Kafka, no DJL.
 */
@NullMarked
package io.github.finetide.tensor;

import org.jspecify.annotations.NullMarked;
