package io.github.finetide.image;

/**
 * Pillow's {@code Image.resize(size, Image.BILINEAR)}: triangle filter, widened when shrinking (antialias), two passes
 * over bytes in 22-bit fixed point ({@code libImaging/Resample.c}). Equal to it byte for byte.
 */
public final class Resize {
    /** Fraction bits: 32 less 8 of the value less 2 for sums of weights above one. */
    private static final int PRECISION_BITS = 22;

    private static final int HALF = 1 << (PRECISION_BITS - 1);

    private Resize() {}

    /** Resizes without keeping the aspect ratio. The image itself when it has that size already. */
    public static Pixels bilinear(Pixels image, int width, int height) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        // Rows go straight into the sums of the output rows they touch: memory depends on the output's size alone.
        int stride = width * Pixels.CHANNELS;
        Weights across = Weights.of(image.width(), width);
        Weights down = Weights.of(image.height(), height);
        boolean sameWidth = image.width() == width;
        boolean sameHeight = image.height() == height;
        byte[] out = new byte[height * stride];
        int[] row = new int[stride];
        int[] sums = new int[sameHeight ? 0 : height * stride];
        int firstOpen = 0;
        for (int y = 0; y < image.height(); y++) {
            if (sameWidth) {
                widen(image, y, row);
            } else {
                resampleRow(image, y, across, row);
            }
            if (sameHeight) {
                narrow(row, out, y * stride);
                continue;
            }
            while (firstOpen < height && down.end(firstOpen) <= y) {
                finish(sums, out, firstOpen++ * stride, stride);
            }
            for (int to = firstOpen; to < height && down.first(to) <= y; to++) {
                addWeighted(row, down.at(to, y), sums, to * stride);
            }
        }
        for (; !sameHeight && firstOpen < height; firstOpen++) {
            finish(sums, out, firstOpen * stride, stride);
        }
        return new Pixels(width, height, out);
    }

    private static void widen(Pixels image, int y, int[] row) {
        byte[] in = image.rgb();
        int offset = y * row.length;
        for (int i = 0; i < row.length; i++) {
            row[i] = in[offset + i] & 0xff;
        }
    }

    private static void narrow(int[] row, byte[] out, int offset) {
        for (int i = 0; i < row.length; i++) {
            out[offset + i] = (byte) row[i];
        }
    }

    private static void resampleRow(Pixels image, int y, Weights weights, int[] row) {
        byte[] in = image.rgb();
        int start = y * image.width() * Pixels.CHANNELS;
        int[] table = weights.table();
        for (int x = 0, o = 0; o < row.length; x++, o += Pixels.CHANNELS) {
            int i = start + weights.first(x) * Pixels.CHANNELS;
            int k = weights.offset(x);
            int red = HALF;
            int green = HALF;
            int blue = HALF;
            for (int end = k + weights.count(x); k < end; k++, i += Pixels.CHANNELS) {
                int weight = table[k];
                red += (in[i] & 0xff) * weight;
                green += (in[i + 1] & 0xff) * weight;
                blue += (in[i + 2] & 0xff) * weight;
            }
            row[o] = clip(red >> PRECISION_BITS);
            row[o + 1] = clip(green >> PRECISION_BITS);
            row[o + 2] = clip(blue >> PRECISION_BITS);
        }
    }

    private static void addWeighted(int[] row, int weight, int[] sums, int offset) {
        for (int i = 0; i < row.length; i++) {
            sums[offset + i] += row[i] * weight;
        }
    }

    private static void finish(int[] sums, byte[] out, int offset, int count) {
        for (int i = offset; i < offset + count; i++) {
            out[i] = (byte) clip((sums[i] + HALF) >> PRECISION_BITS);
        }
    }

    private static int clip(int value) {
        return Math.max(0, Math.min(255, value));
    }

    /** For each output position: where its window of input positions starts, how long it is, and its weights. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Weights(int[] firsts, int[] counts, int size, int[] table) {
        static Weights of(int inSize, int outSize) {
            double scale = (double) inSize / outSize;
            double support = Math.max(scale, 1.0); // of a triangle: 1 input pixel, or 1 output pixel if that is larger
            int size = (int) Math.ceil(support) * 2 + 1;
            int[] firsts = new int[outSize];
            int[] counts = new int[outSize];
            int[] table = new int[outSize * size];
            double[] window = new double[size];
            for (int out = 0; out < outSize; out++) {
                double center = (out + 0.5) * scale;
                int first = Math.max(0, (int) (center - support + 0.5));
                int count = Math.min(inSize, (int) (center + support + 0.5)) - first;
                fill(window, first, count, center, 1.0 / support);
                for (int i = 0; i < count; i++) {
                    table[out * size + i] = (int) (0.5 + window[i] * (1 << PRECISION_BITS));
                }
                firsts[out] = first;
                counts[out] = count;
            }
            return new Weights(firsts, counts, size, table);
        }

        private static void fill(double[] window, int first, int count, double center, double inverseScale) {
            double sum = 0;
            for (int i = 0; i < count; i++) {
                window[i] = Math.max(0, 1.0 - Math.abs((i + first - center + 0.5) * inverseScale));
                sum += window[i];
            }
            for (int i = 0; i < count && sum != 0; i++) {
                window[i] /= sum;
            }
        }

        int first(int out) {
            return firsts[out];
        }

        int count(int out) {
            return counts[out];
        }

        int end(int out) {
            return firsts[out] + counts[out];
        }

        int offset(int out) {
            return out * size;
        }

        int at(int out, int in) {
            return table[out * size + in - firsts[out]];
        }
    }
}
