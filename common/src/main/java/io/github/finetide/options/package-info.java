/**
 * What the command line and the environment set, for both workers and all commands, and how they log. Start at
 * {@link io.github.finetide.options.WorkerOptions}. Sees {@code message}, {@code kafka}, {@code fetch}, {@code image} and
 * {@code runtime}.
 */
@NullMarked
package io.github.finetide.options;

import org.jspecify.annotations.NullMarked;
