package io.github.finetide.image.transform;

/**
 * Along one axis, for each output position: where its window of input positions starts, and their weights in fixed point.
 * All windows are as long as the longest, so that loops over them have a fixed length: shorter ones have weights of 0
 * behind, or in front where they would reach beyond the image.
 *
 * @param firsts the first input position of each window
 * @param taps positions in a window
 * @param table the weights, window by window
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ResizeWeights(int[] firsts, int taps, int[] table) {

    /**
     * The weights of Pillow's triangle filter.
     *
     * @param leastTaps windows are no shorter, unless the input is
     * @param bits of the fraction
     */
    static ResizeWeights of(int inSize, int outSize, int leastTaps, int bits) {
        double scale = (double) inSize / outSize;
        double support = Math.max(scale, 1.0); // of a triangle: 1 input pixel, or 1 output pixel if that is larger
        int[] firsts = new int[outSize];
        int[] counts = new int[outSize];
        int taps = Math.min(leastTaps, inSize);
        for (int out = 0; out < outSize; out++) {
            double center = (out + 0.5) * scale;
            firsts[out] = Math.max(0, (int) (center - support + 0.5));
            counts[out] = Math.min(inSize, (int) (center + support + 0.5)) - firsts[out];
            taps = Math.max(taps, counts[out]);
        }
        int[] table = new int[Math.multiplyExact(outSize, taps)];
        double[] window = new double[taps];
        for (int out = 0; out < outSize; out++) {
            fill(window, firsts[out], counts[out], (out + 0.5) * scale, 1.0 / support);
            int moved = Math.max(0, firsts[out] + taps - inSize);
            firsts[out] -= moved;
            for (int i = 0; i < counts[out]; i++) {
                table[out * taps + moved + i] = (int) (0.5 + window[i] * (1 << bits));
            }
        }
        return new ResizeWeights(firsts, taps, table);
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

    int at(int out, int tap) {
        return table[out * taps + tap];
    }
}
