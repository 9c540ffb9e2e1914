/**
 * From a file's bytes to RGB pixels, equal to Pillow's, within the limits of {@link io.github.finetide.image.ImageLimits}.
 * Start at {@link io.github.finetide.image.decode.ImageDecoder}. Sees {@code image} and {@code message}; no Kafka, no DJL.
 */
@NullMarked
package io.github.finetide.image.decode;

import org.jspecify.annotations.NullMarked;
