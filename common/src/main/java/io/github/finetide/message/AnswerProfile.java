package io.github.finetide.message;

import java.util.List;

/**
 * What a model answers on its validation images, to compare later answers with.
 *
 * @param confidence how many images have a calibrated confidence in each of {@link #BINS} bins of equal width
 * @param classes for how many images each class is the most probable one, by class number
 */
public record AnswerProfile(List<Integer> confidence, List<Integer> classes) {
    public static final int BINS = 20;

    public AnswerProfile {
        Check.require(confidence.size() == BINS, "confidence", confidence.size() + " bins", BINS + " bins");
        confidence.forEach(count -> Check.range("confidence", count, 0, Integer.MAX_VALUE));
        classes.forEach(count -> Check.range("classes", count, 0, Integer.MAX_VALUE));
        confidence = List.copyOf(confidence);
        classes = List.copyOf(classes);
    }

    /** The bin of a confidence; 1 is in the last one. */
    public static int bin(double confidence) {
        return Math.min(BINS - 1, Math.max(0, (int) (confidence * BINS)));
    }
}
