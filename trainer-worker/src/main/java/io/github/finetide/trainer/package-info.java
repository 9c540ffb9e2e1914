/**
 * The trainer's process, put together from {@code jobs} and {@code training}. Start at
 * {@link io.github.finetide.trainer.TrainerMain}. Sees those and {@code common}; of DJL only the choice of the device.
 */
@NullMarked
package io.github.finetide.trainer;

import org.jspecify.annotations.NullMarked;
