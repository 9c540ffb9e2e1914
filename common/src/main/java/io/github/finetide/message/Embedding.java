package io.github.finetide.message;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

/**
 * The features that the last layer saw of an image.
 *
 * @param dtype {@code float32}, little-endian
 * @param shape their number alone
 * @param base64 their bytes
 */
public record Embedding(String dtype, List<Integer> shape, String base64) {
    private static final String FLOAT32 = "float32";

    public Embedding {
        Check.require(dtype.equals(FLOAT32), "dtype", dtype, FLOAT32);
        shape = List.copyOf(shape);
    }

    /** Packs features. */
    public static Embedding of(float[] features) {
        ByteBuffer bytes = ByteBuffer.allocate(features.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(features);
        return new Embedding(
                FLOAT32, List.of(features.length), Base64.getEncoder().encodeToString(bytes.array()));
    }
}
