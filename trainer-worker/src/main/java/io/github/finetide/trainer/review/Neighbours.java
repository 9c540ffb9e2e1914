package io.github.finetide.trainer.review;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;

/**
 * The images that are most alike to each image: by the cosine of their features less the mean of all, which makes features
 * that are all of one sign comparable.
 *
 * @param index {@code [images][nearest]}, the nearest first; -1 where there are not so many
 * @param cosine in the same places
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Neighbours(int[][] index, float[][] cosine) {
    /** So many of each image. */
    static final int NEAREST = 10;

    /** Rows of a product at once: of 8,192 images 32 MB. */
    private static final int TILE = 1024;

    /**
     * Finds them.
     *
     * @param features {@code [images, columns]}, row by row
     * @param manager of the device to compute on
     * @param afterEach run now and then
     */
    static Neighbours of(float[] features, int columns, NDManager manager, Runnable afterEach) {
        int images = features.length / columns;
        Neighbours found = new Neighbours(new int[images][NEAREST], new float[images][NEAREST]);
        float[] unit = unit(features, columns);
        try (NDManager scope = manager.newSubManager()) {
            NDArray all = scope.create(unit, new Shape(images, columns)).transpose();
            for (int from = 0; from < images; from += TILE) {
                int to = Math.min(images, from + TILE);
                try (NDManager tile = scope.newSubManager()) {
                    float[] some = Arrays.copyOfRange(unit, from * columns, to * columns);
                    float[] cosines = tile.create(some, new Shape(to - from, columns))
                            .matMul(all)
                            .toFloatArray();
                    for (int row = from; row < to; row++) {
                        found.nearest(row, cosines, (row - from) * images, images);
                    }
                }
                afterEach.run();
            }
        }
        return found;
    }

    private static float[] unit(float[] features, int columns) {
        int images = features.length / columns;
        double[] mean = new double[columns];
        for (int i = 0; i < features.length; i++) {
            mean[i % columns] += features[i] / images;
        }
        float[] unit = new float[features.length];
        for (int image = 0; image < images; image++) {
            double square = 0;
            for (int c = 0; c < columns; c++) {
                double value = features[image * columns + c] - mean[c];
                square += value * value;
            }
            double length = square == 0 ? 1 : Math.sqrt(square);
            for (int c = 0; c < columns; c++) {
                unit[image * columns + c] = (float) ((features[image * columns + c] - mean[c]) / length);
            }
        }
        return unit;
    }

    private void nearest(int row, float[] cosines, int at, int images) {
        int[] best = index[row];
        float[] close = cosine[row];
        Arrays.fill(best, -1);
        Arrays.fill(close, -1);
        for (int other = 0; other < images; other++) {
            float value = cosines[at + other];
            if (other != row && (value > close[NEAREST - 1] || best[NEAREST - 1] < 0)) {
                int place = NEAREST - 1;
                while (place > 0 && (best[place - 1] < 0 || close[place - 1] < value)) {
                    best[place] = best[place - 1];
                    close[place] = close[place - 1];
                    place--;
                }
                best[place] = other;
                close[place] = value;
            }
        }
    }
}
