package io.github.finetide.image;

/**
 * A decoded image: {@code [height, width, 3]} bytes, row by row, red, green, blue, each 0..255.
 *
 * <p>The array is shared, not copied: whoever makes a {@code Pixels} gives the array away.
 */
public final class Pixels {
    /** Red, green, blue. */
    public static final int CHANNELS = 3;

    private final int width;
    private final int height;
    private final byte[] rgb;

    /** @throws IllegalArgumentException if the array is not {@code width * height * 3} bytes long */
    public Pixels(int width, int height, byte[] rgb) {
        if (width < 1 || height < 1 || (long) width * height * CHANNELS != rgb.length) {
            throw new IllegalArgumentException(
                    "An image of " + width + "x" + height + " does not have " + rgb.length + " bytes");
        }
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    /** A black image. */
    public static Pixels black(int width, int height) {
        return new Pixels(width, height, new byte[Math.multiplyExact(Math.multiplyExact(width, height), CHANNELS)]);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** The bytes themselves, not a copy. */
    public byte[] rgb() {
        return rgb;
    }

    @Override
    public String toString() {
        return "Pixels[" + width + "x" + height + "]";
    }
}
