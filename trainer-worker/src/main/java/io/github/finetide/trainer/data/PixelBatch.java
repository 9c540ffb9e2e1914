package io.github.finetide.trainer.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.image.Pixels;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Decoded images; gives its buffer back when closed. */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PixelBatch(ByteBuffer pixels, int[] labels, int edge, Consumer<ByteBuffer> release) implements Batch {

    @Override
    public boolean hasFeatures() {
        return false;
    }

    @Override
    public NDArray input(NDManager scope) {
        Shape shape = new Shape(labels.length, edge, edge, Pixels.CHANNELS);
        return scope.create(pixels.duplicate().rewind(), shape, DataType.UINT8);
    }

    @Override
    public void close() {
        release.accept(pixels);
    }
}
