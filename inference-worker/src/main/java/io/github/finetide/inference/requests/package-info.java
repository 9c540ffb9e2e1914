/**
 * All of the inference worker that knows Kafka: requests in, results and the offsets of their requests out, and releases.
 * Start at {@link io.github.finetide.inference.requests.RequestLoop}. Sees {@code pipeline} and {@code model}; no DJL.
 */
@NullMarked
package io.github.finetide.inference.requests;

import org.jspecify.annotations.NullMarked;
