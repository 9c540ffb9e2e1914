/**
 * The inference worker: request loop, batches, model catalogue, results.
 */
@NullMarked
package io.github.finetide.inference;

import org.jspecify.annotations.NullMarked;
