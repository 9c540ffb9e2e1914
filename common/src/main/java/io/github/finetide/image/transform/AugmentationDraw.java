package io.github.finetide.image.transform;

import io.github.finetide.image.Pixels;
import io.github.finetide.message.Augmentation;
import java.util.Arrays;
import java.util.List;

/**
 * One random outcome of an {@link Augmentation}: every parameter that torchvision's {@code RandomRotation(r)},
 * {@code CenterCrop}, {@code RandomHorizontalFlip}, {@code RandomVerticalFlip}, {@code ColorJitter} and
 * {@code RandomGrayscale} would have drawn, with their distributions.
 *
 * @param resize side in pixels of the square the image is first resized to
 * @param angle of rotation in degrees, counter-clockwise, uniform in [-rotation, rotation]
 * @param crop side in pixels of the square cut from the centre
 * @param jitter colour changes in the order they are made, a random permutation
 */
public record AugmentationDraw(
        int resize,
        double angle,
        int crop,
        boolean horizontalFlip,
        boolean verticalFlip,
        List<Jitter> jitter,
        boolean grayscale) {

    /** What {@code ColorJitter} changes; factors are multipliers around 1, for the hue a part of the full turn. */
    public enum Channel {
        BRIGHTNESS,
        CONTRAST,
        SATURATION,
        HUE
    }

    /** One colour change. */
    public record Jitter(Channel channel, double factor) {
        void apply(byte[] rgb) {
            switch (channel) {
                case BRIGHTNESS -> Color.brightness(rgb, factor);
                case CONTRAST -> Color.contrast(rgb, factor);
                case SATURATION -> Color.saturation(rgb, factor);
                case HUE -> Hue.shift(rgb, factor);
            }
        }
    }

    public AugmentationDraw {
        jitter = List.copyOf(jitter);
    }

    /**
     * The draw of one image in one epoch: the same for the same arguments, whatever was drawn before.
     *
     * @throws IllegalArgumentException for {@link Augmentation#NONE}, which has nothing to draw
     */
    public static AugmentationDraw of(Augmentation settings, long seed, int epoch, long index) {
        if (settings.isNone()) {
            throw new IllegalArgumentException("No augmentation, nothing to draw");
        }
        KeyedRandom random = new KeyedRandom(seed, epoch, index);
        return new AugmentationDraw(
                settings.resize(),
                random.uniform(-settings.rotation(), settings.rotation()),
                settings.crop(),
                random.happens(settings.horizontalFlip()),
                random.happens(settings.verticalFlip()),
                jitter(settings, random),
                random.happens(settings.grayscale()));
    }

    private static List<Jitter> jitter(Augmentation settings, KeyedRandom random) {
        List<Jitter> all = List.of(
                new Jitter(Channel.BRIGHTNESS, aroundOne(settings.brightness(), random)),
                new Jitter(Channel.CONTRAST, aroundOne(settings.contrast(), random)),
                new Jitter(Channel.SATURATION, aroundOne(settings.saturation(), random)),
                new Jitter(Channel.HUE, random.uniform(-settings.hue(), settings.hue())));
        double[] widths = {settings.brightness(), settings.contrast(), settings.saturation(), settings.hue()};
        // As torchvision: an operation of width 0 is left out, not made with factor 1 (the way to HSV bytes and back is
        // lossy).
        return Arrays.stream(random.permutation(widths.length))
                .filter(i -> widths[i] > 0)
                .mapToObj(all::get)
                .toList();
    }

    private static double aroundOne(double width, KeyedRandom random) {
        return random.uniform(Math.max(0, 1 - width), 1 + width);
    }

    /** The augmented image, {@code [crop, crop, 3]}; the argument stays as it is. */
    public Pixels apply(Pixels image) {
        Pixels resized = Resize.bilinear(image, resize, resize);
        Pixels out = Geometry.apply(resized, angle, crop, horizontalFlip, verticalFlip);
        jitter.forEach(change -> change.apply(out.rgb()));
        if (grayscale) {
            Color.grayscale(out.rgb());
        }
        return out;
    }
}
