/**
 * What torchvision's transforms do to an image: resizing with antialiasing, and the random draws of augmentation. Start at
 * {@link io.github.finetide.image.transform.Preprocessing}. Sees {@code image} and {@code message}; no Kafka, no DJL.
 */
@NullMarked
package io.github.finetide.image.transform;

import org.jspecify.annotations.NullMarked;
