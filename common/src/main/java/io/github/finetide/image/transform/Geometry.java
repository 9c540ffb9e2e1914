package io.github.finetide.image.transform;

import io.github.finetide.image.Pixels;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Rotation, centre crop and flips of torchvision on PIL images, done in one step: every output pixel is the one input
 * pixel (or the black) that it would get from doing them one after the other.
 *
 * <p>{@code RandomRotation} is {@code Image.rotate(angle, NEAREST)}: the matrix rounded to 15 decimals, then 16.16
 * fixed point ({@code affine_fixed} of {@code libImaging/Geometry.c}).
 */
final class Geometry {
    private static final double FIXED_ONE = 65536.0;

    /** Fixed point holds coordinates up to 32768; a larger image would need Pillow's other code. */
    static final int MAX_ROTATED_SIDE = 16_384;

    private final Pixels image;
    private final int[] matrix;

    private Geometry(Pixels image, double angle) {
        this.image = image;
        this.matrix = fixedMatrix(angle, image.width(), image.height());
    }

    /**
     * @param angle in degrees, counter-clockwise
     * @param crop side of the square cut from the centre; black is added around a smaller image
     */
    static Pixels apply(Pixels image, double angle, int crop, boolean horizontalFlip, boolean verticalFlip) {
        return new Geometry(image, angle).sample(Pixels.black(crop, crop), horizontalFlip, verticalFlip);
    }

    static Pixels rotate(Pixels image, double angle) {
        Pixels out = Pixels.black(image.width(), image.height());
        return new Geometry(image, angle).sample(out, false, false);
    }

    static Pixels flip(Pixels image, boolean horizontal, boolean vertical) {
        Pixels out = Pixels.black(image.width(), image.height());
        return new Geometry(image, 0).sample(out, horizontal, vertical);
    }

    private Pixels sample(Pixels out, boolean horizontalFlip, boolean verticalFlip) {
        int left = cropStart(image.width(), out.width());
        int top = cropStart(image.height(), out.height());
        for (int y = 0; y < out.height(); y++) {
            int fromY = top + (verticalFlip ? out.height() - 1 - y : y);
            if (fromY >= 0 && fromY < image.height()) {
                sampleRow(out.rgb(), y * out.width() * Pixels.CHANNELS, out.width(), left, fromY, horizontalFlip);
            }
        }
        return out;
    }

    private void sampleRow(byte[] out, int offset, int crop, int left, int fromY, boolean flip) {
        byte[] in = image.rgb();
        int width = image.width();
        int height = image.height();
        int start = Math.max(0, -left);
        int end = Math.min(crop, width - left);
        int x16 = matrix[2] + (left + start) * matrix[0] + fromY * matrix[1];
        int y16 = matrix[5] + (left + start) * matrix[3] + fromY * matrix[4];
        for (int x = start; x < end; x++, x16 += matrix[0], y16 += matrix[3]) {
            int inX = x16 >> 16;
            int inY = y16 >> 16;
            if (inX >= 0 && inX < width && inY >= 0 && inY < height) {
                int i = (inY * width + inX) * Pixels.CHANNELS;
                int o = offset + (flip ? crop - 1 - x : x) * Pixels.CHANNELS;
                out[o] = in[i];
                out[o + 1] = in[i + 1];
                out[o + 2] = in[i + 2];
            }
        }
    }

    /** {@code torchvision.transforms.functional.center_crop}; negative where black is added. */
    private static int cropStart(int size, int crop) {
        // Python's // for the padding of a smaller image, its round (half to even) for the crop of a larger one.
        return crop > size ? -((crop - size) / 2) : (int) Math.rint((size - crop) / 2.0);
    }

    /** What {@code Image.rotate} hands to {@code Image.transform}, as {@code affine_fixed} then rounds it. */
    private static int[] fixedMatrix(double angle, int width, int height) {
        double degrees = angle % 360.0;
        double radians = -Math.toRadians(degrees < 0 ? degrees + 360.0 : degrees);
        double cos = round15(Math.cos(radians));
        double sin = round15(Math.sin(radians));
        double centerX = width / 2.0;
        double centerY = height / 2.0;
        double shiftX = cos * -centerX + sin * -centerY + centerX;
        double shiftY = -sin * -centerX + cos * -centerY + centerY;
        return new int[] {
            fixed(cos),
            fixed(sin),
            fixed(shiftX + cos * 0.5 + sin * 0.5),
            fixed(-sin),
            fixed(cos),
            fixed(shiftY + -sin * 0.5 + cos * 0.5)
        };
    }

    private static double round15(double value) {
        return new BigDecimal(value).setScale(15, RoundingMode.HALF_EVEN).doubleValue();
    }

    private static int fixed(double value) {
        return (int) Math.floor(value * FIXED_ONE + 0.5);
    }
}
