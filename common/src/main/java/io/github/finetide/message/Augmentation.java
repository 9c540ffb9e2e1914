package io.github.finetide.message;

/**
 * The random changes of training images, torchvision's transforms in the order of the components: Resize, RandomRotation,
 * CenterCrop, RandomHorizontalFlip, RandomVerticalFlip, ColorJitter, RandomGrayscale. {@link #NONE} (JSON
 * {@code "none"}) uses the validation transform. Sizes in pixels, rotation in degrees, flips and grayscale are
 * probabilities. With {@code views} K > 0 each image is augmented K ways and the epochs cycle through them.
 */
public record Augmentation(
        int resize,
        double rotation,
        int crop,
        double horizontalFlip,
        double verticalFlip,
        double brightness,
        double contrast,
        double saturation,
        double hue,
        double grayscale,
        int views) {

    public static final Augmentation NONE = new Augmentation(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    private static final int MAX_JITTER = 100; // far beyond use; a factor that overflows no pixel arithmetic
    private static final int MAX_VIEWS = 1000; // each view is a pass over the data set

    public Augmentation {
        if (resize != 0 || crop != 0 || views != 0) {
            Check.range("resize", resize, TrainingJob.MIN_IMAGE_SIZE, TrainingJob.MAX_IMAGE_SIZE);
            Check.range("crop", crop, TrainingJob.MIN_IMAGE_SIZE, TrainingJob.MAX_IMAGE_SIZE);
        }
        Check.range("rotation", rotation, 0.0, 180.0);
        Check.fraction("horizontalFlip", horizontalFlip);
        Check.fraction("verticalFlip", verticalFlip);
        Check.range("brightness", brightness, 0.0, MAX_JITTER);
        Check.range("contrast", contrast, 0.0, MAX_JITTER);
        Check.range("saturation", saturation, 0.0, MAX_JITTER);
        Check.range("hue", hue, 0.0, 0.5);
        Check.fraction("grayscale", grayscale);
        Check.range("views", views, 0, MAX_VIEWS);
    }

    /** Returns the same with another number of views. */
    public Augmentation withViews(int number) {
        return new Augmentation(
                resize,
                rotation,
                crop,
                horizontalFlip,
                verticalFlip,
                brightness,
                contrast,
                saturation,
                hue,
                grayscale,
                number);
    }

    public boolean isNone() {
        return resize == 0;
    }
}
