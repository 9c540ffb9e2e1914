package io.github.finetide.tensor;

import io.github.finetide.message.Architecture;
import io.github.finetide.network.Layout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Weights and images that follow from names alone, so that no large golden file is needed: the same
 * numbers, bit for bit, as {@code hashed_numbers.py}.
 */
public final class HashedNumbers {
    private HashedNumbers() {}

    /** Returns the i-th number of a name, in [0, 1) with 24 bits: FNV-1a, then SplitMix64. */
    public static double at(long seed, long index) {
        long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return ((z ^ (z >>> 31)) >>> 40) * 0x1p-24;
    }

    public static long seed(String name) {
        long hash = 0xCBF29CE484222325L;
        for (byte letter : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (letter & 0xFF)) * 0x100000001B3L;
        }
        return hash;
    }

    public static StateDict weights(Architecture architecture, int classes, int imageSize) {
        List<TensorData> tensors = new ArrayList<>();
        Layout.of(architecture, classes, imageSize).shapes().forEach((name, shape) -> {
            tensors.add(Layout.isBatchCount(name) ? zero(name) : weight(name, shape));
        });
        return StateDict.of(tensors);
    }

    private static TensorData zero(String name) {
        return new TensorData(name, ElementType.I64, new long[0], ByteBuffer.allocate(Long.BYTES));
    }

    static TensorData weight(String name, long... shape) {
        double centre = centre(name, shape);
        double spread = spread(name, shape);
        long seed = seed(name);
        int count = Math.toIntExact(TensorData.count(shape));
        ByteBuffer bytes = ByteBuffer.allocate(count * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat((float) (centre + spread * (2 * at(seed, i) - 1)));
        }
        return new TensorData(name, ElementType.F32, shape, bytes.flip());
    }

    /** Gains that keep a residual network's activations near 1 through 50 blocks. */
    private static double centre(String name, long... shape) {
        if (name.endsWith("running_var")) {
            return 1;
        }
        if (shape.length == 1 && name.endsWith(".weight")) {
            return name.endsWith("bn3.weight") ? 0.2 : 0.9;
        }
        return 0;
    }

    private static double spread(String name, long... shape) {
        if (shape.length > 1) {
            return Math.sqrt(6.0 * shape[0] / TensorData.count(shape));
        }
        return name.endsWith("running_var") ? 0.5 : 0.1;
    }

    /** Returns n RGB images, uint8 {@code [n, size, size, 3]}. */
    public static ByteBuffer pixels(String name, int n, int size) {
        long seed = seed(name);
        byte[] pixels = new byte[n * size * size * 3];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (byte) (at(seed, i) * 256);
        }
        return ByteBuffer.wrap(pixels);
    }

    public static long[] labels(String name, int n, int classes) {
        long[] labels = new long[n];
        for (int i = 0; i < n; i++) {
            labels[i] = (long) (at(seed(name), i) * classes);
        }
        return labels;
    }
}
