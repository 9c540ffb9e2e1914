package io.github.finetide.trainer.review;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.image.ActivationOverlay;
import io.github.finetide.image.Pixels;
import io.github.finetide.message.ClassActivationMap;
import io.github.finetide.network.ClassActivation;
import io.github.finetide.network.Network;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.ImageSet;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** Draws where in an image a network saw a class. */
public final class ClassMaps {
    private final Network network;
    private final StateDict weights;

    /** @param weights all tensors of the network */
    public ClassMaps(Network network, StateDict weights) {
        this.network = network;
        this.weights = weights;
    }

    /** An image of validation under its map. */
    BufferedImage drawn(ImageSet images, int index, int classId) {
        byte[] rgb = images.pixels(1, index);
        int edge = images.edge();
        try (NDManager scope = network.scope()) {
            Shape shape = new Shape(1, edge, edge, Pixels.CHANNELS);
            NDArray pixels =
                    scope.create(ByteBuffer.allocateDirect(rgb.length).put(rgb).flip(), shape, DataType.UINT8);
            ClassActivationMap map = ClassActivation.of(classId, row(classId), network.maps(pixels));
            return ActivationOverlay.drawn(new Pixels(edge, edge, rgb), map);
        }
    }

    private float[] row(int classId) {
        FloatBuffer head = weights.get(network.layout().headWeight()).bytes().asFloatBuffer();
        float[] row = new float[network.layout().featureCount()];
        head.position(classId * row.length).get(row);
        return row;
    }
}
