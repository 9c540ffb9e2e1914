package io.github.finetide.image;

import java.time.Duration;

/**
 * How much of the machine one image may take.
 *
 * @param maxBytes of the encoded file; held while reading, so an endless source ends there
 * @param maxPixels width times height, read from the header before anything is decoded
 * @param maxSide of width and of height: bounds the tables of a resize
 * @param decodeTime after which decoding is given up
 */
public record ImageLimits(long maxBytes, long maxPixels, int maxSide, Duration decodeTime) {
    private static final long MAX_BYTES = 64L << 20; // a 60 megapixel JPEG at top quality has about 40 MB
    private static final long MAX_PIXELS = 64_000_000; // decoded as RGB: 192 MB
    private static final int MAX_SIDE = 65_535; // what JPEG and GIF can express
    private static final Duration DECODE_TIME = Duration.ofSeconds(20); // 64 megapixels of PNG take 2 to 5 s

    /** The limits of both workers. */
    public static ImageLimits defaults() {
        return new ImageLimits(MAX_BYTES, MAX_PIXELS, MAX_SIDE, DECODE_TIME);
    }

    public ImageLimits {
        requirePositive("maxBytes", maxBytes);
        requirePositive("maxPixels", maxPixels);
        requirePositive("maxSide", maxSide);
        requirePositive("decodeTime", decodeTime.toMillis());
        if (maxPixels > Integer.MAX_VALUE / Pixels.CHANNELS || maxBytes > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException("maxPixels and maxBytes must fit a Java array");
        }
    }

    private static void requirePositive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
        }
    }
}
