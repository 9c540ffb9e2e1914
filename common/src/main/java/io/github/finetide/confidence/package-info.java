/**
 * How sure a model may be said to be: what validation images show of it, and what that makes of a probability. Start at
 * {@link io.github.finetide.confidence.ConfidenceFit}. Numbers only: sees {@code message}; no DJL, no Kafka.
 */
@NullMarked
package io.github.finetide.confidence;

import org.jspecify.annotations.NullMarked;
