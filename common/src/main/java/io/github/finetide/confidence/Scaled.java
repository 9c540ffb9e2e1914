package io.github.finetide.confidence;

/** Calibrated confidence from probabilities: dividing logits by a temperature is raising probabilities to its inverse. */
public final class Scaled {
    private Scaled() {}

    /**
     * Returns the probability of the most probable class at a temperature.
     *
     * @param probabilities a softmax at temperature 1
     */
    public static double confidence(float[] probabilities, double temperature) {
        float top = 0;
        for (float probability : probabilities) {
            top = Math.max(top, probability);
        }
        if (temperature == 1) {
            return Math.min(1, top); // rounding in the softmax can end a hair above 1
        }
        double sum = 0;
        for (float probability : probabilities) {
            sum += probability == 0 ? 0 : Math.exp(Math.log((double) probability / top) / temperature);
        }
        return 1 / sum;
    }
}
