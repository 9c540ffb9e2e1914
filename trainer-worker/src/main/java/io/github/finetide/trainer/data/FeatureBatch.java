package io.github.finetide.trainer.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Features that were computed before; gives its buffer back when closed. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record FeatureBatch(ByteBuffer features, int[] labels, Consumer<ByteBuffer> release) implements Batch {

    @Override
    public boolean hasFeatures() {
        return true;
    }

    @Override
    public NDArray input(NDManager scope) {
        int columns = features.remaining() / Float.BYTES / labels.length;
        return scope.create(
                features.duplicate().order(features.order()), new Shape(labels.length, columns), DataType.FLOAT32);
    }

    @Override
    public void close() {
        release.accept(features);
    }

    /** The batches of a pass, from a table with a row for each image. */
    public static Batches load(FeatureTable table, BatchSampler pass, int firstBatch) {
        return load(table, pass, firstBatch, () -> {});
    }

    /** The same; what is to be closed with them is. */
    public static Batches load(FeatureTable table, BatchSampler pass, int firstBatch, Runnable closing) {
        return new Batches() {
            private int next = firstBatch;

            @Override
            public boolean hasNext() {
                return next < pass.batches();
            }

            @Override
            public Batch next() {
                int[] indexes = pass.indexes(next++);
                return new FeatureBatch(table.rows(indexes), pass.labels(indexes), table::giveBack);
            }

            @Override
            public void close() {
                closing.run();
            }
        };
    }
}
