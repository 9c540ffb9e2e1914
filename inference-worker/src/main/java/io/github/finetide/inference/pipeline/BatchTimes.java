package io.github.finetide.inference.pipeline;

/**
 * What a batch took.
 *
 * @param startNanos when it entered the network, on the clock of {@link System#nanoTime}
 * @param inferenceMillis in the network, as a whole
 */
public record BatchTimes(long startNanos, double inferenceMillis) {
    public double waitMillis(Prepared prepared) {
        return Math.max(0, (startNanos - prepared.readyNanos()) / 1e6);
    }
}
