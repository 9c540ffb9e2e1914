package io.github.finetide.network;

import ai.djl.ndarray.NDArray;

/**
 * What autograd collects in parameters.
 *
 * <p>See RATIONALE.md, Why Network.gradients() and not DJL's collector alone?
 */
public final class Gradients {
    private Gradients() {}

    /** Sets a parameter's gradient to 0, whatever it was: infinity times 0 would be NaN, and stay. */
    public static void clear(NDArray parameter) {
        Tensors.zeroGradient(parameter);
    }
}
