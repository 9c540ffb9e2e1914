package io.github.finetide.network;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Trainable;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A network in libtorch. Used by one thread at a time; best always the same one. Owns its tensors:
 * they end with {@link #close}.
 *
 * <p>Results belong to the manager of the argument they were computed from, so that a batch's arrays
 * end with its {@link #scope}.
 */
public final class Network implements AutoCloseable {
    private final NetworkOptions options;
    private final Layout layout;
    private final NDManager manager;
    private final Map<String, NDArray> tensors;
    private final Page page;
    private Trainable trainable = Trainable.HEAD;
    private boolean collecting;

    /** Whether the page's folded convolutions are those of the present tensors. */
    private boolean folded;

    private Network(NetworkOptions options, Layout layout, NDManager manager, StateDict weights) {
        this.options = options;
        this.layout = layout;
        this.manager = manager;
        this.tensors = Tensors.create(layout, weights, manager);
        this.page = new Page(Pages.archive(options), manager);
        page.load(tensors);
    }

    /**
     * Opens a network with a copy of the weights. Nothing requires a gradient until {@link #trains}.
     *
     * @param weights every tensor of the {@link Layout} in F32, batch counts in I64; the number of
     *     classes is the head's
     * @throws io.github.finetide.message.FaultException INVALID if tensors are missing, superfluous or
     *     misshaped, or the precision is not available for the architecture
     */
    public static Network open(NetworkOptions options, StateDict weights) {
        Layout layout = Layout.of(options.architecture(), weights);
        layout.check(weights);
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager(options.device());
        quiet();
        try {
            return new Network(options, layout, manager, weights);
        } catch (RuntimeException failed) {
            manager.close();
            throw failed;
        }
    }

    public NetworkOptions options() {
        return options;
    }

    public Layout layout() {
        return layout;
    }

    /** Returns a manager for one batch on the network's device; close it after the batch. */
    public NDManager scope() {
        return manager.newSubManager();
    }

    /**
     * Computes what the head sees. Part of the gradients' graph only between {@link #gradients} and its
     * close, and if the backbone trains.
     *
     * @param pixels uint8 {@code [n, height, width, 3]}, RGB; normalised here
     * @param batchStatistics whether batch norm uses the batch's mean and variance and moves the running
     *     ones ({@code model.train()}), or uses the running ones ({@code model.eval()})
     * @return fp32 {@code [n, featureCount]}
     */
    public NDArray features(NDArray pixels, boolean batchStatistics) {
        checkPixels(pixels);
        if (batchStatistics) {
            folded = false;
            return page.run("features_by_batch_statistics", backboneCollects(), pixels);
        }
        if (!folded) {
            page.run("fold");
            folded = true;
        }
        return page.run("features_by_running_statistics", backboneCollects(), pixels);
    }

    /** Sets the running statistics to those of this one batch, layer by layer. */
    void calibrate(NDArray pixels) {
        checkPixels(pixels);
        folded = false;
        page.run("calibrate", false, pixels).close();
    }

    private boolean backboneCollects() {
        return collecting && trainable != Trainable.HEAD;
    }

    private static void checkPixels(NDArray pixels) {
        Shape shape = pixels.getShape();
        if (pixels.getDataType() != DataType.UINT8 || shape.dimension() != 4 || shape.get(0) < 1 || shape.get(3) != 3) {
            throw new IllegalArgumentException(
                    "pixels must be uint8 [n, height, width, 3], not " + pixels.getDataType() + " " + shape);
        }
    }

    /** Computes logits, fp32 {@code [n, classes]}, of features {@code [n, featureCount]}. */
    public NDArray head(NDArray features) {
        return page.run("head", collecting, features);
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
        try (NDManager host = NDManager.newBaseManager()) {
            return page.run("cross_entropy", collecting, logits, labels, host.create(labelSmoothing));
        }
    }

    /** Computes probabilities, fp32 {@code [n, classes]}, of logits: {@code softmax(dim=1)}. */
    public NDArray probabilities(NDArray logits) {
        return page.run("probabilities", false, logits);
    }

    /** Sets which parameters train: those require gradients from now on, the others do not. */
    public void trains(Trainable newTrainable) {
        trained().values().forEach(parameter -> parameter.setRequiresGradient(false));
        trainable = newTrainable;
        trained().values().forEach(parameter -> parameter.setRequiresGradient(true));
        page.run("train_" + trainable.wire());
        folded = false;
    }

    /** Returns the parameters that train, live, in the layout's order. */
    public Map<String, NDArray> trained() {
        Map<String, NDArray> parameters = new LinkedHashMap<>();
        layout.trained(trainable).forEach(name -> parameters.put(name, tensor(name)));
        return parameters;
    }

    /**
     * Starts to collect gradients; forward and loss between this and close take part. At most one
     * collector is open in a JVM (a limit of DJL).
     */
    public GradientCollector gradients() {
        quiet();
        GradientCollector collector = manager.getEngine().newGradientCollector();
        collecting = true;
        return new GradientCollector() {
            @Override
            public void backward(NDArray loss) {
                collector.backward(loss);
            }

            @Override
            public void zeroGradients() {
                Network.this.zeroGradients();
            }

            @Override
            public void close() {
                collecting = false;
                collector.close();
            }
        };
    }

    /** Turns autograd off on this thread: libtorch starts every thread with it on, the collector turns it on. */
    private static void quiet() {
        JniUtils.setGradMode(false);
    }

    /** Returns the gradient of a trained parameter, owned by the batch; zeros before the first backward. */
    public NDArray gradient(String name, NDManager batch) {
        NDArray gradient = tensor(name).getGradient();
        gradient.attach(batch);
        return gradient;
    }

    /** Sets the gradients of the trained parameters to zero, as {@code optimizer.zero_grad()}. */
    public void zeroGradients() {
        trained().values().forEach(Tensors::zeroGradient);
    }

    /**
     * Returns the tensors by torchvision's names, live: running statistics and parameters move in place.
     * Whoever writes to a tensor that does not train must use {@link #load}.
     */
    public Map<String, NDArray> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    /** Returns a live tensor. */
    public NDArray tensor(String name) {
        NDArray tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("the network has no tensor " + name);
        }
        return tensor;
    }

    /** Overwrites tensors in place. */
    public void load(StateDict weights) {
        weights.tensors().forEach(data -> Tensors.write(data, tensor(data.name())));
        folded = false;
    }

    /** Copies tensors out of libtorch, in the layout's order. */
    public StateDict snapshot(Collection<String> names) {
        return Tensors.read(layout, tensors, names);
    }

    /** Counts the arrays that live in this network and its open scopes: to show that nothing leaks. */
    int liveArrays() {
        return manager.getManagedArrays().size();
    }

    @Override
    public void close() {
        page.close();
        manager.close();
    }
}
