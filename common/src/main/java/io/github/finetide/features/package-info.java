/**
 * Features of images in a store, computed once and shared by all jobs and workers. Start at {@link
 * io.github.finetide.features.FeatureStore}. Sees message, store and tensor; no Kafka, no DJL.
 *
 * <p>Promises: a row that is read is the row that was written, bit for bit; what is lost or damaged is missing, no more.
 */
@NullMarked
package io.github.finetide.features;

import org.jspecify.annotations.NullMarked;
