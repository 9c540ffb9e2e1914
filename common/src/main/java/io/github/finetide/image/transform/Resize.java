package io.github.finetide.image.transform;

import io.github.finetide.image.Pixels;
import java.util.Arrays;

/**
 * Pillow's {@code Image.resize(size, Image.BILINEAR)}: triangle filter, widened when shrinking (antialias), two passes
 * over bytes in 22-bit fixed point ({@code libImaging/Resample.c}). Equal to it byte for byte.
 *
 * <p>Nothing needs clipping: weights are not negative, and their sum is off one by rounding only.
 *
 * <p>See RATIONALE.md, Why has a resize two loops for its rows?
 */
public final class Resize {
    /** Fraction bits: 32 less 8 of the value less 2 for sums of weights above one. */
    private static final int PRECISION_BITS = 22;

    private static final int HALF = 1 << (PRECISION_BITS - 1);

    /** Input pixels that an output pixel can need at up to half the size, as with most photos: they have a loop of their own. */
    private static final int FEW = 4;

    private final Pixels image;
    private final boolean sameWidth;
    private final boolean sameHeight;
    private final ResizeWeights across;
    private final ResizeWeights down;

    /** Input rows in the new width, as many as one output row needs: memory depends on the scale, not on the image. */
    private final int[][] window;

    private final int[] sums;
    private int nextRow;

    private Resize(Pixels image, int width, int height) {
        this.image = image;
        sameWidth = image.width() == width;
        sameHeight = image.height() == height;
        across = ResizeWeights.of(image.width(), width, FEW, PRECISION_BITS);
        down = ResizeWeights.of(image.height(), height, 1, PRECISION_BITS);
        sums = new int[width * Pixels.CHANNELS];
        window = new int[sameHeight ? 1 : down.taps()][sums.length];
    }

    /** Resizes without keeping the aspect ratio. The image itself when it has that size already. */
    public static Pixels bilinear(Pixels image, int width, int height) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        Pixels out = Pixels.black(width, height);
        new Resize(image, width, height).write(out);
        return out;
    }

    private void write(Pixels out) {
        for (int y = 0; y < out.height(); y++) {
            int offset = y * sums.length;
            if (sameHeight) {
                resampleRow(y, window[0]);
                narrow(window[0], 0, out.rgb(), offset);
            } else {
                fillWindow(down.first(y));
                weighWindow(y);
                narrow(sums, PRECISION_BITS, out.rgb(), offset);
            }
        }
    }

    private void fillWindow(int first) {
        for (nextRow = Math.max(nextRow, first); nextRow < first + window.length; nextRow++) {
            resampleRow(nextRow, window[nextRow % window.length]);
        }
    }

    private void weighWindow(int y) {
        Arrays.fill(sums, HALF);
        for (int tap = 0; tap < window.length; tap++) {
            addWeighted(window[(down.first(y) + tap) % window.length], down.at(y, tap), sums);
        }
    }

    /** A loop that the compiler turns into vector instructions. */
    private static void addWeighted(int[] row, int weight, int[] sums) {
        for (int i = 0; i < sums.length; i++) {
            sums[i] += row[i] * weight;
        }
    }

    private static void narrow(int[] row, int shift, byte[] out, int offset) {
        for (int i = 0; i < row.length; i++) {
            out[offset + i] = (byte) (row[i] >> shift);
        }
    }

    private void resampleRow(int y, int[] row) {
        int start = y * image.width() * Pixels.CHANNELS;
        if (sameWidth) {
            widen(image.rgb(), start, row);
        } else if (across.taps() == FEW) {
            resampleFew(image.rgb(), start, across, row);
        } else {
            resampleMany(image.rgb(), start, across, row);
        }
    }

    private static void widen(byte[] in, int start, int[] row) {
        for (int i = 0; i < row.length; i++) {
            row[i] = in[start + i] & 0xff;
        }
    }

    private static void resampleFew(byte[] in, int start, ResizeWeights weights, int[] row) {
        int[] table = weights.table();
        int[] firsts = weights.firsts();
        for (int x = 0, k = 0, o = 0; x < firsts.length; x++, k += FEW, o += Pixels.CHANNELS) {
            int i = start + firsts[x] * Pixels.CHANNELS;
            int a = table[k];
            int b = table[k + 1];
            int c = table[k + 2];
            int d = table[k + 3];
            row[o] = few(in, i, a, b, c, d);
            row[o + 1] = few(in, i + 1, a, b, c, d);
            row[o + 2] = few(in, i + 2, a, b, c, d);
        }
    }

    private static int few(byte[] in, int i, int a, int b, int c, int d) {
        int sum = HALF + (in[i] & 0xff) * a + (in[i + 3] & 0xff) * b + (in[i + 6] & 0xff) * c + (in[i + 9] & 0xff) * d;
        return sum >> PRECISION_BITS;
    }

    private static void resampleMany(byte[] in, int start, ResizeWeights weights, int[] row) {
        int[] table = weights.table();
        int[] firsts = weights.firsts();
        for (int x = 0, k = 0, o = 0; x < firsts.length; x++, o += Pixels.CHANNELS) {
            int i = start + firsts[x] * Pixels.CHANNELS;
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            for (int end = k + weights.taps(); k < end; k++, i += Pixels.CHANNELS) {
                int weight = table[k];
                red += (in[i] & 0xff) * weight;
                green += (in[i + 1] & 0xff) * weight;
                blue += (in[i + 2] & 0xff) * weight;
            }
            row[o] = red >> PRECISION_BITS;
            row[o + 1] = green >> PRECISION_BITS;
            row[o + 2] = blue >> PRECISION_BITS;
        }
    }
}
