/**
 * Image URI to bytes to pixels, with limits, and every transform of pixels. Sees no Kafka, no DJL.
 */
@NullMarked
package io.github.finetide.image;

import org.jspecify.annotations.NullMarked;
