/**
 * The registry that {@code /metrics} serves, and the metrics that both workers have. Start at
 * {@link io.github.finetide.metrics.Metrics}. Sees {@code message}.
 */
@NullMarked
package io.github.finetide.metrics;

import org.jspecify.annotations.NullMarked;
