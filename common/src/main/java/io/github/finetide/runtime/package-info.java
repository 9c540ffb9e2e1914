/**
 * What every process needs: HTTP, health, shutdown, native settings, threads, retries. Start at
 * {@link io.github.finetide.runtime.HttpEndpoint}. Sees {@code message} and {@code options}.
 */
@NullMarked
package io.github.finetide.runtime;

import org.jspecify.annotations.NullMarked;
