package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Brings losses and predictions from the device to the tally. Reading makes a processor wait for its
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
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Reading(float loss, long[] predicted, long[] top, int[] labels) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Unread(NDArray loss, NDArray predicted, NDArray top, int[] labels) {}

    DeferredBatchResults(NDManager manager, Consumer<Reading> consumer) {
        this.manager = manager;
        this.atOnce = manager.getDevice().isGpu() ? GPU_BATCHES_AT_ONCE : 1;
        this.consumer = consumer;
    }

    /** Adds a batch's loss, a scalar, and logits {@code [n, classes]}. */
    public void add(NDArray loss, NDArray logits, int[] labels) {
        try (NDArray plain = logits.stopGradient()) {
            int k = (int) Math.min(TOP, logits.getShape().get(1));
            NDArray predicted = kept(plain.argMax(1));
            NDList top = plain.topK(k, 1);
            top.get(0).close();
            unread.add(new Unread(kept(loss.stopGradient()), predicted, kept(top.get(1)), labels));
        }
        if (unread.size() >= atOnce) {
            readAll();
        }
    }

    private NDArray kept(NDArray array) {
        array.attach(manager);
        return array;
    }

    /** Reads what there is; after it the tally knows of every batch. */
    public void readAll() {
        while (!unread.isEmpty()) {
            Unread oldest = unread.remove();
            try (NDArray loss = oldest.loss();
                    NDArray predicted = oldest.predicted();
                    NDArray top = oldest.top()) {
                consumer.accept(
                        new Reading(loss.getFloat(), predicted.toLongArray(), top.toLongArray(), oldest.labels()));
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
