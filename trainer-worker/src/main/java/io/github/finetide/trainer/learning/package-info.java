/**
 * What is done with one batch: forward, loss, backward, update; the optimisers as PyTorch's, and the scores. Start at
 * {@link io.github.finetide.trainer.learning.Learner}. Sees {@code trainer.data}; no Kafka.
 */
@NullMarked
package io.github.finetide.trainer.learning;

import org.jspecify.annotations.NullMarked;
