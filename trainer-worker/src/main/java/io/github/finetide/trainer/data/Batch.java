package io.github.finetide.trainer.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** Some images on their way into the network; close it when the network has seen them. */
public interface Batch extends AutoCloseable {

    /** Returns the labels, in the order of the images. */
    int[] labels();

    /** Whether {@link #input} gives features, computed before, instead of pixels. */
    boolean hasFeatures();

    /** Makes an array in the manager: uint8 {@code [n, edge, edge, 3]} or fp32 {@code [n, featureCount]}. */
    NDArray input(NDManager scope);

    @Override
    void close();
}
