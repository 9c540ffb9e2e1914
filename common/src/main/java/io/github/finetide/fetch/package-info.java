/**
 * From a URI to its bytes: files below the data roots, allowed web hosts and allowed buckets, each within limits of size
 * and time. Start at {@link io.github.finetide.fetch.ImageSources}. Sees {@code message} and {@code image}; no Kafka, no DJL.
 */
@NullMarked
package io.github.finetide.fetch;

import org.jspecify.annotations.NullMarked;
