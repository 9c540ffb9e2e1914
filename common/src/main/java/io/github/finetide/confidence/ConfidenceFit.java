package io.github.finetide.confidence;

import io.github.finetide.message.AnswerProfile;
import io.github.finetide.message.BeforeAfter;
import io.github.finetide.message.Confidence;
import io.github.finetide.message.ConfidenceThreshold;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What a model's probabilities are worth, from its logits on validation images. */
public final class ConfidenceFit {
    /** As Guo et al. and most papers since. */
    static final int BINS = 15;

    private static final int STEPS = 20; // of 0.05
    private static final double LAST = 0.99; // below 0.95 and above, what it costs differs most

    private ConfidenceFit() {}

    /**
     * Fits the temperature and measures what it gives on the same images.
     *
     * @throws IllegalArgumentException without images
     */
    public static Confidence of(ValidationLogits logits) {
        return of(logits, logits);
    }

    /**
     * Fits the temperature on some images and measures what it gives on others.
     *
     * @param fitted logits of models that did not learn from these images
     * @throws IllegalArgumentException without images
     */
    public static Confidence of(ValidationLogits fitted, ValidationLogits logits) {
        if (logits.images() == 0) {
            throw new IllegalArgumentException("no validation images");
        }
        double temperature = TemperatureScaling.fit(fitted);
        double[] after = logits.confidences(temperature);
        return new Confidence(
                temperature,
                new BeforeAfter(calibrationError(logits, logits.confidences(1)), calibrationError(logits, after)),
                new BeforeAfter(
                        TemperatureScaling.negativeLogLikelihood(logits, 1),
                        TemperatureScaling.negativeLogLikelihood(logits, temperature)),
                thresholds(logits, after));
    }

    /** Returns what the network answers on these images, at the temperature that was fitted. */
    public static AnswerProfile answers(ValidationLogits logits, double temperature) {
        Integer[] confidences = new Integer[AnswerProfile.BINS];
        Integer[] classes = new Integer[logits.classes()];
        Arrays.fill(confidences, 0);
        Arrays.fill(classes, 0);
        double[] calibrated = logits.confidences(temperature);
        for (int image = 0; image < calibrated.length; image++) {
            confidences[AnswerProfile.bin(calibrated[image])]++;
            classes[logits.predicted(image)]++;
        }
        return new AnswerProfile(List.of(confidences), List.of(classes));
    }

    /** ECE: how far the mean confidence of each bin is from its accuracy, weighted by its images. */
    static double calibrationError(ValidationLogits logits, double[] confidences) {
        double[] gap = new double[BINS]; // sum of confidence less the number of right ones
        for (int image = 0; image < confidences.length; image++) {
            int bin = Math.max(0, (int) Math.ceil(confidences[image] * BINS) - 1);
            gap[Math.min(bin, BINS - 1)] += confidences[image] - (logits.isRight(image) ? 1 : 0);
        }
        double sum = 0;
        for (double one : gap) {
            sum += Math.abs(one);
        }
        return sum / confidences.length;
    }

    private static List<ConfidenceThreshold> thresholds(ValidationLogits logits, double[] confidences) {
        List<ConfidenceThreshold> thresholds = new ArrayList<>();
        for (int step = 0; step < STEPS; step++) {
            thresholds.add(threshold(logits, confidences, step / (double) STEPS));
        }
        thresholds.add(threshold(logits, confidences, LAST));
        return thresholds;
    }

    private static ConfidenceThreshold threshold(ValidationLogits logits, double[] confidences, double least) {
        int[] answered = IntStream.range(0, confidences.length)
                .filter(image -> confidences[image] >= least)
                .toArray();
        long right = IntStream.of(answered).filter(logits::isRight).count();
        @Nullable Double accuracy = answered.length == 0 ? null : (double) right / answered.length;
        return new ConfidenceThreshold(least, (double) answered.length / confidences.length, accuracy);
    }
}
