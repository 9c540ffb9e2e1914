package io.github.finetide.network;

import io.github.finetide.message.Architecture;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Weights nobody has trained yet, drawn from a seed. */
public final class InitialWeights {
    /**
     * Scale of a block's last batch norm. Near zero the shortcut carries the image to the head (zero-init
     * residual, Goyal et al. 2017); at one, 50 random blocks drown it.
     */
    private static final float BLOCK_SCALE = 0.1f;

    private InitialWeights() {}

    /**
     * Draws a head as {@code nn.Linear} does: weight and bias from U(-1/sqrt(features),
     * 1/sqrt(features)), which is {@code kaiming_uniform_(a=sqrt(5))}.
     */
    public static StateDict head(Architecture architecture, int classes, int imageSize, long seed) {
        Layout layout = Layout.of(architecture, classes, imageSize);
        double bound = 1 / Math.sqrt(layout.featureCount());
        List<TensorData> tensors = new ArrayList<>();
        for (String name : layout.head()) {
            tensors.add(uniform(name, bound, seed, layout.shape(name)));
        }
        return StateDict.of(tensors);
    }

    /**
     * Draws everything but the head. The CNN's convolutions are drawn as {@code nn.Conv2d} does: weight and
     * bias from U(-1/sqrt(fan in), 1/sqrt(fan in)). A residual network's have He's variance over the
     * outputs, 2 / fan out (He et al. 2015, as torchvision's {@code resnet}), but uniformly; batch norm
     * starts as the identity, the last one of each block as a tenth of it.
     */
    public static StateDict backbone(Architecture architecture, long seed) {
        // Only the head depends on classes and image size.
        Layout layout = Layout.of(architecture, 2, 64);
        List<TensorData> tensors = new ArrayList<>();
        for (String name : layout.backbone()) {
            tensors.add(initial(layout, name, seed));
        }
        return StateDict.of(tensors);
    }

    /** Draws one tensor of a backbone. */
    static TensorData initial(Layout layout, String name, long seed) {
        long[] shape = layout.shape(name);
        if (Layout.isBatchCount(name)) {
            return new TensorData(name, ElementType.I64, shape, ByteBuffer.allocate(Long.BYTES));
        }
        if (layout.architecture() == Architecture.CNN) {
            long[] weight = layout.shape(name.replace(".bias", ".weight"));
            double fanIn = weight[1] * weight[2] * weight[3];
            return uniform(name, 1 / Math.sqrt(fanIn), seed, shape);
        }
        if (shape.length == 4) {
            double fanOut = shape[0] * shape[2] * shape[3];
            return uniform(name, Math.sqrt(6 / fanOut), seed, shape);
        }
        if (name.endsWith(".bn3.weight")) {
            return constant(name, BLOCK_SCALE, shape);
        }
        boolean one = name.endsWith(".weight") || name.endsWith(".running_var");
        return constant(name, one ? 1 : 0, shape);
    }

    private static TensorData uniform(String name, double bound, long seed, long... shape) {
        Draws draws = new Draws(seed, name);
        ByteBuffer values = allocate(shape);
        while (values.hasRemaining()) {
            values.putFloat((float) draws.between(-bound, bound));
        }
        return new TensorData(name, ElementType.F32, shape, values.flip());
    }

    private static TensorData constant(String name, float value, long... shape) {
        ByteBuffer values = allocate(shape);
        while (values.hasRemaining()) {
            values.putFloat(value);
        }
        return new TensorData(name, ElementType.F32, shape, values.flip());
    }

    private static ByteBuffer allocate(long... shape) {
        int bytes = Math.toIntExact(Math.multiplyExact(TensorData.count(shape), (long) Float.BYTES));
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
