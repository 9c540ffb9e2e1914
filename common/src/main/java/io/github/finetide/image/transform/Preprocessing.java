package io.github.finetide.image.transform;

import io.github.finetide.image.Pixels;
import io.github.finetide.message.Augmentation;

/** From a decoded image to what a network sees, short of normalisation: the one place, for both workers. */
public final class Preprocessing {
    private Preprocessing() {}

    /** The validation transform: resized to {@code [imageSize, imageSize, 3]}, no crop. */
    public static Pixels validation(Pixels image, int imageSize) {
        return Resize.bilinear(image, imageSize, imageSize);
    }

    /**
     * One training image, {@code [crop, crop, 3]}; {@code [imageSize, imageSize, 3]} without augmentation.
     *
     * @param epoch from 1; with K views the epochs 1, K + 1, 2K + 1, ... see the same image
     * @param index names the image: its place in its manifest, not in the shuffled order; with views its content
     */
    public static Pixels training(
            Pixels image, Augmentation augmentation, int imageSize, long seed, int epoch, long index) {
        if (augmentation.isNone()) {
            return validation(image, imageSize);
        }
        int views = augmentation.views();
        int view = views == 0 ? epoch : (epoch - 1) % views + 1;
        return AugmentationDraw.of(augmentation, seed, view, index).apply(image);
    }
}
