package io.github.finetide.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A named tensor outside libtorch: contiguous, row-major, little-endian. Immutable: the bytes are
 * read only (often a mapped file) and must not be written through another view.
 */
public final class TensorData {
    /** libtorch's view of a tensor as one Java buffer ends here. */
    static final long MAX_BYTES = Integer.MAX_VALUE;

    private final String name;
    private final ElementType type;
    private final long[] shape;
    private final ByteBuffer data;

    /**
     * Wraps a buffer.
     *
     * @param shape the length of each dimension, empty for a scalar
     * @param data exactly the elements, from position to limit; not copied
     * @throws IllegalArgumentException if the buffer does not hold as many elements as the shape has
     */
    public TensorData(String name, ElementType type, long[] shape, ByteBuffer data) {
        this.name = name;
        this.type = type;
        this.shape = shape.clone();
        this.data = data.slice().asReadOnlyBuffer();
        if (count(shape) * type.bytes() != data.remaining()) {
            throw new IllegalArgumentException("tensor %s of shape %s needs %d bytes of %s, not %d"
                    .formatted(name, Arrays.toString(shape), count(shape) * type.bytes(), type, data.remaining()));
        }
    }

    /** Makes an F32 tensor; the numbers are copied. */
    public static TensorData of(String name, long[] shape, float... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        return new TensorData(name, ElementType.F32, shape, bytes);
    }

    public String name() {
        return name;
    }

    public ElementType type() {
        return type;
    }

    /** Returns the length of each dimension, empty for a scalar (a copy). */
    public long[] shape() {
        return shape.clone();
    }

    /** Returns the number of elements. */
    public long count() {
        return count(shape);
    }

    /** Returns a fresh read-only, little-endian view of the elements. */
    public ByteBuffer bytes() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns the same tensor under another name. */
    public TensorData named(String other) {
        return new TensorData(other, type, shape, data);
    }

    /** Whether type, shape and every byte are the same; the names may differ. */
    public boolean sameContent(TensorData other) {
        return type == other.type && Arrays.equals(shape, other.shape) && data.equals(other.data);
    }

    /** Returns the number of elements of a shape; 1 for a scalar. */
    public static long count(long... shape) {
        long count = 1;
        for (long length : shape) {
            count = Math.multiplyExact(count, length);
        }
        return count;
    }

    @Override
    public String toString() {
        return name + " " + type + Arrays.toString(shape);
    }
}
