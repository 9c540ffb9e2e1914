/**
 * The weights that a job starts from: published ones, a user's file, or random ones from a seed, kept in a local cache.
 * Start at {@link io.github.finetide.network.weights.StartingWeights}. Sees {@code network}, {@code tensor} and
 * {@code message}; no Kafka.
 */
@NullMarked
package io.github.finetide.network.weights;

import org.jspecify.annotations.NullMarked;
