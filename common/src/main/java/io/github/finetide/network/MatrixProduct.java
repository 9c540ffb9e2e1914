package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import io.github.finetide.message.Precision;
import java.util.List;
import java.util.Map;

/** Square matrix products on the processor: the limit that a network of convolutions can be measured against. */
public final class MatrixProduct {
    /** Rows and columns: large enough for the best speed, small enough for the processor's caches to matter. */
    private static final int EDGE = 2048;

    private static final int FLOAT32 = 6;
    private static final int BFLOAT16 = 15;
    private static final int INT8 = 1;

    private MatrixProduct() {}

    /** Floating-point operations, or those on integers in their place, of one product. */
    public static double operations() {
        return 2.0 * EDGE * EDGE * EDGE;
    }

    /**
     * Measures.
     *
     * @param products one after the other
     * @return seconds of one product
     * @throws ai.djl.engine.EngineException where libtorch has no such product
     */
    public static double seconds(Precision precision, int products) {
        String method = precision == Precision.INT8 ? "integers" : "floats";
        // So the norm of x stays about the same, and no number becomes infinite or denormal.
        float deviation = precision == Precision.INT8 ? 50 : (float) (1 / Math.sqrt(EDGE));
        try (NDManager manager = Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
                Page page = new Page(archive(precision), manager)) {
            JniUtils.setGradMode(false);
            Shape shape = new Shape(EDGE, EDGE);
            NDArray a = manager.randomNormal(0, deviation, shape, DataType.FLOAT32);
            NDArray x = manager.randomNormal(0, 50, shape, DataType.FLOAT32);
            page.run(method, false, a, x, manager.create(1f)).getFloat();
            long began = System.nanoTime();
            page.run(method, false, a, x, manager.create((float) products)).getFloat();
            return (System.nanoTime() - began) / 1e9 / products;
        }
    }

    private static byte[] archive(Precision precision) {
        int dtype = switch (precision) {
            case FP32 -> FLOAT32;
            case BF16 -> BFLOAT16;
            case INT8 -> INT8;
        };
        return PageArchive.of(
                "Product",
                "product",
                List.of(),
                Map.of("training", false, "dtype", dtype, "packed", PageArchive.NO_TENSORS));
    }
}
