/**
 * Pixels and the limits of an image. {@code image.decode} makes pixels of a file's bytes, {@code image.transform} makes what
 * the network sees of them. Sees {@code message}; no Kafka, no DJL.
 */
@NullMarked
package io.github.finetide.image;

import org.jspecify.annotations.NullMarked;
