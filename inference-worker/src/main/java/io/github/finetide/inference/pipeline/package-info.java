/**
 * A request on its way: fetched, decoded, put into a batch, through the network. Start at
 * {@link io.github.finetide.inference.pipeline.Preparation}. Sees {@code model}; neither Kafka nor DJL.
 */
@NullMarked
package io.github.finetide.inference.pipeline;

import org.jspecify.annotations.NullMarked;
