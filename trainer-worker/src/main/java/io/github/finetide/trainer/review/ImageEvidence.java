package io.github.finetide.trainer.review;

import io.github.finetide.trainer.data.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * What a model makes of some images of a list.
 *
 * @param manifest the list
 * @param order the images' indexes in the list, one for each row
 * @param features {@code [images, columns]}, row by row
 * @param probabilities {@code [images, classes]}, of a model that did not learn from these images; null where there is none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record ImageEvidence(
        Manifest manifest, int[] order, float[] features, int columns, float @Nullable [] probabilities) {
    /** Without probabilities. */
    public ImageEvidence(Manifest manifest, int[] order, float[] features, int columns) {
        this(manifest, order, features, columns, null);
    }

    public ImageEvidence {
        if (features.length != Math.multiplyExact(order.length, columns)) {
            throw new IllegalArgumentException(
                    features.length + " features are not those of " + order.length + " images");
        }
    }

    int size() {
        return order.length;
    }

    Manifest.Entry entry(int row) {
        return manifest.entries().get(order[row]);
    }
}
