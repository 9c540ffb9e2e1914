package io.github.finetide.store;

import java.util.List;

/**
 * What was done to an image before the network saw it, for whoever uses the model elsewhere.
 *
 * @param imageSize width and height after resizing, without regard to the aspect ratio
 * @param resize how
 * @param mean of red, green and blue, subtracted from values in 0..1
 * @param std divisors after that
 */
public record RecordedPreprocessing(int imageSize, String resize, List<Double> mean, List<Double> std) {
    public RecordedPreprocessing {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /** The validation transform of a job: antialiased bilinear, ImageNet's mean and deviation. */
    public static RecordedPreprocessing validation(int imageSize) {
        return new RecordedPreprocessing(
                imageSize, "bilinear-antialias", List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));
    }
}
