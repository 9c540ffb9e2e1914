package io.github.finetide.trainer.review;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Labels that are probably wrong, by confident learning (Northcutt, Jiang, Chuang: Confident Learning: Estimating Uncertainty
 * in Dataset Labels, JAIR 2021). An image counts for a class whose probability reaches the mean that images labelled so have of it,
 * the most probable of such classes. The share of images of a label that count for other classes is the share of wrong ones; those
 * are the images whose label is least probable (the paper's pruning by class), where another class is more probable. Needs
 * probabilities of a model that did not learn from the labels it judges.
 */
final class LabelErrors {
    /** A model that is wrong more often than right says little of labels. */
    static final double LEAST_ACCURACY = 0.5;

    private static final int NONE = -1;

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

    /**
     * An image whose label is probably wrong.
     *
     * @param probable the class that it probably has
     * @param margin the probability of that class less that of the label
     */
    record Suspect(int image, int probable, double margin) {}

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

    /** Finds the images, the surest first. */
    List<Suspect> suspects() {
        Map<Integer, List<Integer>> byLabel =
                IntStream.range(0, labels.length).boxed().collect(Collectors.groupingBy(image -> labels[image]));
        return byLabel.entrySet().stream()
                .flatMap(one -> suspects(one.getValue(), wrong(one.getKey(), one.getValue())))
                .sorted(Comparator.comparingDouble(Suspect::margin).reversed().thenComparing(Suspect::image))
                .toList();
    }

    /** How many images of a label are probably of other classes. */
    private long wrong(int label, List<Integer> images) {
        List<Integer> counted =
                images.stream().map(this::confident).filter(c -> c != NONE).toList();
        long others = counted.stream().filter(c -> c != label).count();
        return counted.isEmpty() ? 0 : Math.round((double) others * images.size() / counted.size());
    }

    private Stream<Suspect> suspects(List<Integer> images, long count) {
        return images.stream()
                .filter(image -> mostProbable(image) != labels[image])
                .sorted(Comparator.comparingDouble(image -> at(image, labels[image])))
                .limit(count)
                .map(image -> new Suspect(
                        image, mostProbable(image), at(image, mostProbable(image)) - at(image, labels[image])));
    }

    private int confident(int image) {
        int best = NONE;
        for (int c = 0; c < classes; c++) {
            if (at(image, c) >= thresholds[c] && (best == NONE || at(image, c) > at(image, best))) {
                best = c;
            }
        }
        return best;
    }
}
