package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.github.finetide.network.Devices;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Brings losses and predictions from the device to who counts them. Reading makes a processor wait for its
 * GPU, so there it is done for many batches at once; on the CPU at once.
 */
public final class DeferredBatchResults implements AutoCloseable {
    private static final int GPU_BATCHES_AT_ONCE = 32; // a loss that is not finite shows so many batches late
    private static final int TOP = 5;

    private final NDManager manager;
    private final int atOnce;
    private final Consumer<Reading> consumer;
    private final Deque<Unread> unread = new ArrayDeque<>();

    /**
     * What a batch gave.
     *
     * @param top the five most probable classes of each image one after the other, or as many as there are
     * @param finiteFeatures whether the head has seen finite numbers
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Reading(float loss, long[] predicted, long[] top, int[] labels, boolean finiteFeatures) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Unread(NDArray loss, NDArray predicted, NDArray top, int[] labels, NDArray featureSum) {}

    DeferredBatchResults(NDManager manager, Consumer<Reading> consumer) {
        this.manager = manager;
        this.atOnce = Devices.isAccelerator(manager.getDevice()) ? GPU_BATCHES_AT_ONCE : 1;
        this.consumer = consumer;
    }

    /** Adds a batch's loss, a scalar, and logits {@code [n, classes]}. */
    public void add(BatchStep step, NDArray loss, NDArray logits) {
        try (NDArray plain = logits.stopGradient();
                NDArray features = step.features().stopGradient()) {
            int k = (int) Math.min(TOP, logits.getShape().get(1));
            NDArray predicted = kept(plain.argMax(1));
            NDList top = plain.topK(k, 1);
            top.get(0).close();
            NDArray featureSum = kept(features.sum());
            unread.add(new Unread(kept(loss.stopGradient()), predicted, kept(top.get(1)), step.labels(), featureSum));
        }
        if (unread.size() >= atOnce) {
            readAll();
        }
    }

    private NDArray kept(NDArray array) {
        array.attach(manager);
        return array;
    }

    /** Reads what there is; after it every batch is counted. */
    public void readAll() {
        while (!unread.isEmpty()) {
            Unread oldest = unread.remove();
            try (NDArray loss = oldest.loss();
                    NDArray predicted = oldest.predicted();
                    NDArray top = oldest.top();
                    NDArray featureSum = oldest.featureSum()) {
                boolean finite = Float.isFinite(featureSum.getFloat());
                consumer.accept(new Reading(
                        loss.getFloat(), predicted.toLongArray(), top.toLongArray(), oldest.labels(), finite));
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
