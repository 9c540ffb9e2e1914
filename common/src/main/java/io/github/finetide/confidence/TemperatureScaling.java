package io.github.finetide.confidence;

/**
 * One number that logits are divided by, so that probabilities mean what they say: the one with the least negative
 * log-likelihood on validation images (Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks, ICML 2017).
 * It moves no prediction. The likelihood is convex in the number's inverse: Newton's method within a bracket.
 */
final class TemperatureScaling {
    /** Published networks lie between 1 and 3; beyond this the images are not what the network was made for. */
    static final double MAX_TEMPERATURE = 10;

    static final double MIN_TEMPERATURE = 0.1;

    /** With fewer, the temperature would say more of these images than of the network. */
    static final int LEAST_IMAGES = 30;

    /** Newton takes some 8, halving alone 50. */
    private static final int MAX_STEPS = 100;

    private static final double TOLERANCE = 1e-12; // of the inverse temperature, relative

    private final ValidationLogits logits;
    private double slope;
    private double curvature;

    private TemperatureScaling(ValidationLogits logits) {
        this.logits = logits;
    }

    /** Returns the temperature; 1 where the images give no reason for another one: too few, or all right beyond doubt. */
    static double fit(ValidationLogits logits) {
        return logits.images() < LEAST_IMAGES ? 1 : new TemperatureScaling(logits).minimum();
    }

    static double negativeLogLikelihood(ValidationLogits logits, double temperature) {
        double sum = 0;
        for (int image = 0; image < logits.images(); image++) {
            double top = logits.at(image, logits.predicted(image));
            double right = logits.at(image, logits.labels()[image]);
            sum += (top - right) / temperature - Math.log(logits.confidence(image, temperature));
        }
        return sum / logits.images();
    }

    private double minimum() {
        double low = 1 / MAX_TEMPERATURE;
        double high = 1 / MIN_TEMPERATURE;
        derive(high);
        if (slope <= 0) {
            return 1; // the surer the better: no image contradicts
        }
        derive(low);
        if (slope >= 0) {
            return MAX_TEMPERATURE;
        }
        double inverse = 1;
        for (int step = 0; step < MAX_STEPS; step++) {
            derive(inverse);
            low = slope < 0 ? inverse : low;
            high = slope < 0 ? high : inverse;
            double newton = inverse - slope / curvature;
            double next = newton > low && newton < high ? newton : (low + high) / 2;
            if (Math.abs(next - inverse) <= TOLERANCE * inverse) {
                break;
            }
            inverse = next;
        }
        return 1 / inverse;
    }

    /** By the inverse temperature: the mean of E[z] - z of the true class, and of Var[z], over the softmax. */
    private void derive(double inverse) {
        slope = 0;
        curvature = 0;
        for (int image = 0; image < logits.images(); image++) {
            double top = logits.at(image, logits.predicted(image));
            double sum = 0;
            double first = 0;
            double second = 0;
            for (int c = 0; c < logits.classes(); c++) {
                double z = logits.at(image, c) - top;
                double weight = Math.exp(z * inverse);
                sum += weight;
                first += weight * z;
                second += weight * z * z;
            }
            double mean = first / sum;
            slope += mean - (logits.at(image, logits.labels()[image]) - top);
            curvature += second / sum - mean * mean;
        }
        slope /= logits.images();
        curvature /= logits.images();
    }
}
