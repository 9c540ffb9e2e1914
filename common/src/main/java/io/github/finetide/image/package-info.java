/**
 * Pixels and the limits of an image. {@code image.decode} makes pixels of a file's bytes, {@code image.transform} makes what
 * the network sees of them. Start at {@link io.github.finetide.image.Pixels}. Sees {@code message}; no Kafka, no DJL.
 */
@NullMarked
package io.github.finetide.image;

import org.jspecify.annotations.NullMarked;
