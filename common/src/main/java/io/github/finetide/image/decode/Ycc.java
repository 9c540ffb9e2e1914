package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;

/**
 * The way of JPEG's luma and chroma to RGB, by {@code jdcolor.c} of libjpeg: in 16 bits of fixed point, rounded, clipped.
 * The products stand in tables, as they do there.
 */
final class Ycc {
    private static final int SCALE_BITS = 16;
    private static final int HALF = 1 << (SCALE_BITS - 1);
    private static final int LEVELS = 256;
    private static final int CENTER = 128;

    /** 1.402, 0.344136, 0.714136 and 1.772 times 65536, times the distance from grey. */
    private static final int[] RED_OF_CR = rounded(91881);

    private static final int[] GREEN_OF_CB = scaled(-22554, HALF);
    private static final int[] GREEN_OF_CR = scaled(-46802, 0);
    private static final int[] BLUE_OF_CB = rounded(116130);

    /** Sums reach from -227 to 481. A power of two, so that a masked index needs no check. */
    private static final byte[] CLIPPED = new byte[1024];

    private static final int CLIPPED_MASK = 1023;
    private static final int ZERO = 256;

    static {
        for (int i = 0; i < CLIPPED.length; i++) {
            CLIPPED[i] = (byte) Math.max(0, Math.min(LEVELS - 1, i - ZERO));
        }
    }

    private Ycc() {}

    /** Converts luma, blue and red chroma in place; returns the argument. */
    static byte[] toRgb(byte[] samples) {
        for (int i = 0; i < samples.length - 2; i += Pixels.CHANNELS) {
            convert(samples, i);
        }
        return samples;
    }

    /** Converts in place what has a fourth sample in each pixel, which stays as it is; returns the argument. */
    static byte[] toRgbBesideOther(byte[] samples) {
        for (int i = 0; i < samples.length - 3; i += 4) {
            convert(samples, i);
        }
        return samples;
    }

    private static void convert(byte[] samples, int i) {
        int y = ZERO + (samples[i] & 0xff);
        int cb = samples[i + 1] & 0xff;
        int cr = samples[i + 2] & 0xff;
        samples[i] = CLIPPED[(y + RED_OF_CR[cr]) & CLIPPED_MASK];
        samples[i + 1] = CLIPPED[(y + ((GREEN_OF_CB[cb] + GREEN_OF_CR[cr]) >> SCALE_BITS)) & CLIPPED_MASK];
        samples[i + 2] = CLIPPED[(y + BLUE_OF_CB[cb]) & CLIPPED_MASK];
    }

    private static int[] scaled(int factor, int added) {
        int[] table = new int[LEVELS];
        for (int chroma = 0; chroma < LEVELS; chroma++) {
            table[chroma] = factor * (chroma - CENTER) + added;
        }
        return table;
    }

    private static int[] rounded(int factor) {
        int[] table = scaled(factor, HALF);
        for (int chroma = 0; chroma < LEVELS; chroma++) {
            table[chroma] >>= SCALE_BITS;
        }
        return table;
    }
}
