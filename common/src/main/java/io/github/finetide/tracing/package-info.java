/**
 * Spans for OpenTelemetry, of work that is measured anyway. Start at {@link io.github.finetide.tracing.Tracing}. Sees no
 * Kafka; off, it makes nothing.
 */
@NullMarked
package io.github.finetide.tracing;

import org.jspecify.annotations.NullMarked;
