/**
 * A job from its checks to its last checkpoint: preflight, the loop, resuming, the trial of a release. Start at
 * {@link io.github.finetide.trainer.training.FineTuning}. Sees {@code data}, {@code learning} and {@code report}; no Kafka.
 */
@NullMarked
package io.github.finetide.trainer.training;

import org.jspecify.annotations.NullMarked;
