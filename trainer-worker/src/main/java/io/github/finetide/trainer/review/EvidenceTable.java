package io.github.finetide.trainer.review;

import java.nio.FloatBuffer;
import java.util.Arrays;

/** Rows of features as they come, batch by batch, made short enough that all are kept in memory. */
public final class EvidenceTable {
    /** A ResNet's. Of the cnn's maps, neighbouring places are averaged. */
    static final int MOST_COLUMNS = 2048;

    /** Of both sets together: 64 MB, and five times that while it is looked through; 8,192 images of a ResNet. */
    static final int MOST_NUMBERS = 16 << 20;

    private final int columns;
    private final int kept;
    private float[] rows = new float[0];
    private int used;

    /** @param columns of the network's features */
    public EvidenceTable(int columns) {
        this.columns = columns;
        this.kept = Math.min(columns, MOST_COLUMNS);
    }

    /** How many images fit, of networks with so many features. */
    public static int mostImages(int columns) {
        return MOST_NUMBERS / Math.min(columns, MOST_COLUMNS);
    }

    public int columns() {
        return kept;
    }

    /** Adds rows, one after the other. */
    public void add(float[] features) {
        int images = features.length / columns;
        if (rows.length < used + images * kept) {
            rows = Arrays.copyOf(rows, Math.max(used + images * kept, Math.min(2 * rows.length, MOST_NUMBERS)));
        }
        for (int image = 0; image < images; image++) {
            shorten(FloatBuffer.wrap(features, image * columns, columns));
        }
    }

    private void shorten(FloatBuffer row) {
        for (int column = 0; column < kept; column++) {
            int end = (int) ((column + 1L) * columns / kept);
            int begin = (int) ((long) column * columns / kept);
            double sum = 0;
            for (int i = begin; i < end; i++) {
                sum += row.get();
            }
            rows[used++] = (float) (sum / (end - begin));
        }
    }

    public float[] rows() {
        return Arrays.copyOf(rows, used);
    }
}
