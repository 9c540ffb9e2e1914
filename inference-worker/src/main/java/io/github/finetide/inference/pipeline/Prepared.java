package io.github.finetide.inference.pipeline;

import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Lease;

/**
 * A request whose image is ready for the network.
 *
 * @param lease keeps the model in memory until the result
 * @param pixels of the model's image size
 * @param bytes taken from the budget of prepared images
 * @param readyNanos when it became ready, on the clock of {@link System#nanoTime}
 */
public record Prepared(
        RequestInFlight request, Lease lease, Pixels pixels, PreparationTimings timings, long bytes, long readyNanos) {}
