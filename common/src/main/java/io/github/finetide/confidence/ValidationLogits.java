package io.github.finetide.confidence;

import java.util.Arrays;

/**
 * What a network said of images whose classes are known.
 *
 * @param values {@code [images, classes]}, row by row
 * @param labels the true class of each image
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ValidationLogits(float[] values, int classes, int[] labels) {
    public ValidationLogits {
        if (classes < 1 || values.length != Math.multiplyExact(labels.length, classes)) {
            throw new IllegalArgumentException(
                    values.length + " logits are not those of " + labels.length + " images in " + classes + " classes");
        }
    }

    int images() {
        return labels.length;
    }

    /** The most probable class of an image; of equal ones the first. */
    public int predicted(int image) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (at(image, c) > at(image, best)) {
                best = c;
            }
        }
        return best;
    }

    boolean isRight(int image) {
        return predicted(image) == labels[image];
    }

    double at(int image, int classId) {
        return values[image * classes + classId];
    }

    /** The probability of the most probable class at a temperature. */
    double confidence(int image, double temperature) {
        double top = at(image, predicted(image));
        double sum = 0;
        for (int c = 0; c < classes; c++) {
            sum += Math.exp((at(image, c) - top) / temperature);
        }
        return 1 / sum;
    }

    double[] confidences(double temperature) {
        double[] confidences = new double[images()];
        Arrays.setAll(confidences, image -> confidence(image, temperature));
        return confidences;
    }
}
