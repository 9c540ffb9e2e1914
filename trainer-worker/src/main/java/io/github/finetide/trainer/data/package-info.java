/**
 * From a manifest to batches: reading, decoding and augmenting ahead of the network, and features that are computed once.
 * Start at {@link io.github.finetide.trainer.data.PixelLoader}. Sees neither Kafka nor its siblings.
 */
@NullMarked
package io.github.finetide.trainer.data;

import org.jspecify.annotations.NullMarked;
