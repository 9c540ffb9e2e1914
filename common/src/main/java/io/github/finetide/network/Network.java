package io.github.finetide.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Trainable;
import java.util.Collection;
import java.util.Map;

/**
 * A network in libtorch. Used by one thread at a time; best always the same one. Owns its tensors:
 * they end with {@link #close}.
 *
 * <p>Results belong to the manager of the argument they were computed from, so that a batch's arrays
 * end with its {@link #scope}.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class Network implements AutoCloseable {
    private Network() {}

    /**
     * Opens a network with a copy of the weights.
     *
     * @param weights every tensor of the {@link Layout}; the number of classes is the head's
     * @throws io.github.finetide.message.FaultException INVALID if tensors are missing, superfluous or
     *     misshaped, or the precision is not available for the architecture
     */
    public static Network open(NetworkOptions options, StateDict weights) {
        throw new UnsupportedOperationException();
    }

    public NetworkOptions options() {
        throw new UnsupportedOperationException();
    }

    public Layout layout() {
        throw new UnsupportedOperationException();
    }

    /** Returns a manager for one batch on the network's device; close it after the batch. */
    public NDManager scope() {
        throw new UnsupportedOperationException();
    }

    /**
     * Computes what the head sees. Part of the gradient's graph only between {@link #gradients} and
     * its close, and if the backbone trains.
     *
     * @param pixels uint8 {@code [n, height, width, 3]}, RGB; normalised here
     * @param batchStatistics whether batch norm uses the batch's mean and variance and moves the running
     *     ones ({@code model.train()}), or uses the running ones ({@code model.eval()})
     * @return fp32 {@code [n, featureCount]}
     */
    public NDArray features(NDArray pixels, boolean batchStatistics) {
        throw new UnsupportedOperationException();
    }

    /** Computes logits, fp32 {@code [n, classes]}, of features {@code [n, featureCount]}. */
    public NDArray head(NDArray features) {
        throw new UnsupportedOperationException();
    }

    /** Computes logits of pixels: {@link #features}, then {@link #head}. */
    public NDArray forward(NDArray pixels, boolean batchStatistics) {
        return head(features(pixels, batchStatistics));
    }

    /**
     * Computes the mean cross-entropy, as {@code nn.CrossEntropyLoss(label_smoothing=...)}: a scalar.
     *
     * @param logits fp32 {@code [n, classes]}
     * @param labels int64 {@code [n]}, each in {@code 0..classes-1}
     */
    public NDArray crossEntropy(NDArray logits, NDArray labels, double labelSmoothing) {
        throw new UnsupportedOperationException();
    }

    /** Computes probabilities, fp32 {@code [n, classes]}, of logits: {@code softmax(dim=1)}. */
    public NDArray probabilities(NDArray logits) {
        throw new UnsupportedOperationException();
    }

    /** Sets which parameters train: those require gradients from now on, the others do not. */
    public void trains(Trainable trainable) {
        throw new UnsupportedOperationException();
    }

    /** Returns the parameters that train, live, in the layout's order. */
    public Map<String, NDArray> trained() {
        throw new UnsupportedOperationException();
    }

    /**
     * Starts to collect gradients; forward and loss between this and close take part. At most one
     * collector is open in a JVM (a limit of DJL).
     */
    public GradientCollector gradients() {
        throw new UnsupportedOperationException();
    }

    /** Returns the gradient of a trained parameter, owned by the batch; zeros before the first backward. */
    public NDArray gradient(String name, NDManager batch) {
        throw new UnsupportedOperationException();
    }

    /** Sets the gradients of the trained parameters to zero, as {@code optimizer.zero_grad()}. */
    public void zeroGradients() {
        throw new UnsupportedOperationException();
    }

    /** Returns the tensors by torchvision's names, live: running statistics and parameters move in place. */
    public Map<String, NDArray> tensors() {
        throw new UnsupportedOperationException();
    }

    /** Returns a live tensor. */
    public NDArray tensor(String name) {
        throw new UnsupportedOperationException();
    }

    /** Overwrites tensors in place. */
    public void load(StateDict weights) {
        throw new UnsupportedOperationException();
    }

    /** Copies tensors out of libtorch. */
    public StateDict snapshot(Collection<String> names) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
