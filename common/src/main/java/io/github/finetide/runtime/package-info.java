/**
 * What every process needs: options, native settings, HTTP, metrics, shutdown. Sees message and kafka.
 */
@NullMarked
package io.github.finetide.runtime;

import org.jspecify.annotations.NullMarked;
