package io.github.finetide.inference;

/**
 * What a batch took.
 *
 * @param startNanos when it entered the network, on the clock of {@link System#nanoTime}
 * @param inferenceMillis in the network, as a whole
 */
record BatchTimes(long startNanos, double inferenceMillis) {
    double waitMillis(Prepared prepared) {
        return Math.max(0, (startNanos - prepared.readyNanos()) / 1e6);
    }
}
