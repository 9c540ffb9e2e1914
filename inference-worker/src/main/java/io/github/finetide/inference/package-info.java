/**
 * The inference worker, put together from {@code requests}, {@code pipeline} and {@code model}. Start at
 * {@link io.github.finetide.inference.InferenceWorker}. Sees those and {@code common}; of DJL only the choice of the device.
 */
@NullMarked
package io.github.finetide.inference;

import org.jspecify.annotations.NullMarked;
