package io.github.finetide.trainer.review;

import java.util.stream.IntStream;

/**
 * Labels that are probably wrong, by confident learning (Northcutt, Jiang, Chuang: Confident Learning: Estimating Uncertainty
 * in Dataset Labels, JAIR 2021): of the classes whose probability reaches the mean that images labelled so have of it, the most
 * probable one is not the label. Needs probabilities of a model that did not learn from the labels it judges.
 */
final class LabelErrors {
    /** A model that is wrong more often than right says little of labels. */
    static final double LEAST_ACCURACY = 0.5;

    private final float[] probabilities;
    private final int[] labels;
    private final int classes;
    private final double[] thresholds;

    /** @param probabilities {@code [images, classes]}, row by row */
    LabelErrors(float[] probabilities, int[] labels, int classes) {
        this.probabilities = probabilities;
        this.labels = labels;
        this.classes = classes;
        this.thresholds = thresholds();
    }

    private double[] thresholds() {
        double[] sums = new double[classes];
        int[] counts = new int[classes];
        for (int image = 0; image < labels.length; image++) {
            sums[labels[image]] += at(image, labels[image]);
            counts[labels[image]]++;
        }
        for (int c = 0; c < classes; c++) {
            sums[c] = counts[c] == 0 ? Double.POSITIVE_INFINITY : sums[c] / counts[c];
        }
        return sums;
    }

    private double at(int image, int classId) {
        return probabilities[image * classes + classId];
    }

    /** Whether the model is right often enough to judge labels. */
    boolean canJudge() {
        long right = IntStream.range(0, labels.length)
                .filter(image -> mostProbable(image) == labels[image])
                .count();
        return right >= LEAST_ACCURACY * labels.length;
    }

    private int mostProbable(int image) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            best = at(image, c) > at(image, best) ? c : best;
        }
        return best;
    }

    /** The class that an image probably has; its label where nothing speaks against it. */
    int probable(int image) {
        int best = labels[image];
        double most = at(image, best) >= thresholds[best] ? at(image, best) : 0;
        for (int c = 0; c < classes; c++) {
            if (at(image, c) >= thresholds[c] && at(image, c) > most) {
                best = c;
                most = at(image, c);
            }
        }
        return best;
    }

    /** The probability of a class less that of the label. */
    double margin(int image, int other) {
        return at(image, other) - at(image, labels[image]);
    }
}
