package io.github.finetide.trainer.data;

import java.nio.ByteBuffer;
import java.util.function.Function;

/**
 * What makes rows of images.
 *
 * @param backbone the name that its rows have in the store
 * @param columns numbers that it makes of an image
 * @param mostImages of a batch, of 256 x 256 pixels
 * @param compute the features of a batch, {@code [batch, columns]} in fp32
 */
public record FeatureNetwork(String backbone, int columns, int mostImages, Function<Batch, ByteBuffer> compute) {
    /** As fast as 32 with ResNet152, and little is computed for nothing where few images are new. */
    public static final int MOST_IMAGES_ON_CPU = 16;

    public static final int MOST_IMAGES_ON_GPU = 64;

    private static final long PIXELS = 256 * 256;

    /** How many images of an edge are computed at once, always: the bits of a row shall not depend on it. */
    int batchSize(int edge) {
        return (int) Math.max(1, Math.min(mostImages, mostImages * PIXELS / ((long) edge * edge)));
    }
}
