package io.github.finetide.trainer.data;

import java.util.Arrays;

/**
 * One way through a data set, batch by batch.
 *
 * @param order indexes of its images in the order of the pass: each once, or as drawn
 * @param batchSize of all batches but the last, which may be smaller
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record BatchSampler(ImageSet images, int epoch, int[] order, int batchSize) {

    /** Returns for each place of the order how often its image stands before. */
    int[] drawnBefore() {
        int[] counts = new int[images.size()];
        return Arrays.stream(order).map(index -> counts[index]++).toArray();
    }

    public int batches() {
        return (order.length + batchSize - 1) / batchSize;
    }

    /** Returns the images' indexes of a batch; batches count from 0 here. */
    int[] indexes(int batch) {
        int from = batch * batchSize;
        return Arrays.copyOfRange(order, from, Math.min(from + batchSize, order.length));
    }

    public int[] labels(int[] indexes) {
        return Arrays.stream(indexes).map(images::label).toArray();
    }
}
