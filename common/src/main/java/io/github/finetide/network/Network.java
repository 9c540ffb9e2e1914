package io.github.finetide.network;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Trainable;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network in libtorch. Used by one thread at a time; best always the same one. Owns its tensors:
 * they end with {@link #close}.
 *
 * <p>Results belong to the manager of the argument they were computed from, so that a batch's arrays
 * end with its {@link #scope}.
 *
 * <p>See RATIONALE.md, Why TorchScript text and not DJL's blocks?
 */
public final class Network implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Network.class);

    private final NetworkOptions options;
    private final Layout layout;
    private final NDManager manager;
    private final Map<String, NDArray> tensors;
    private final Page page;

    private final @Nullable FastBackbone fast;
    private final FeatureExtractor extractor;

    private Trainable trainable = Trainable.HEAD;
    private boolean collecting;
    private boolean exact;

    private Network(
            NetworkOptions options,
            Layout layout,
            NDManager manager,
            Map<String, NDArray> tensors,
            @Nullable FastBackbone fast) {
        this.options = options;
        this.layout = layout;
        this.manager = manager;
        this.tensors = tensors;
        this.fast = fast;
        Precision plain = options.precision() == Precision.INT8 ? Precision.FP32 : options.precision();
        this.page = new Page(Pages.plain(options.architecture(), plain), manager);
        page.give("load", tensors);
        this.extractor = new FeatureExtractor(
                page, fast, tensors, tensors.size() == layout.shapes().size());
    }

    /**
     * Opens a network with a copy of the weights, all of which may train or move. Nothing requires a
     * gradient until {@link #trains}.
     *
     * @param options not INT8: that is for {@link #frozen}
     * @param weights every tensor of the {@link Layout} in F32, batch counts in I64; the number of
     *     classes is the head's
     * @throws io.github.finetide.message.FaultException INVALID if tensors are missing, superfluous or
     *     misshaped
     */
    public static Network open(NetworkOptions options, StateDict weights) {
        if (options.precision() == Precision.INT8) {
            throw new IllegalArgumentException("int8 is for a backbone that stays as it is");
        }
        return made(options, weights, (layout, manager) -> {
            FastBackbone fast = isFast(options) ? fast(options, manager) : null;
            return new Network(options, layout, manager, Tensors.create(layout, weights, manager), fast);
        });
    }

    /**
     * Opens a network whose head alone may train, with running statistics: no batch statistics and no
     * tensors but the head's. Keeps the backbone only in the form that is computed with. Where int8
     * cannot be had, because nobody measured ranges or this processor cannot do it, runs in bf16 where
     * that is fast, else in fp32: see {@link #precision}.
     *
     * @param ranges of the activations, for INT8; null where there are none
     * @throws io.github.finetide.message.FaultException as {@link #open}
     */
    public static Network frozen(NetworkOptions options, StateDict weights, @Nullable ActivationRanges ranges) {
        NetworkOptions possible = possible(options, ranges);
        if (!isFast(possible)) {
            Network network = open(possible, weights);
            network.beExact();
            return network;
        }
        return made(possible, weights, (layout, manager) -> {
            FastBackbone fast = fast(possible, manager);
            if (possible.precision() == Precision.INT8 && ranges != null) {
                fast.ranges(ranges);
            }
            fast.pack(weights);
            Map<String, NDArray> head = Tensors.create(weights.only(layout.head()), manager);
            return new Network(possible, layout, manager, head, fast);
        });
    }

    private static NetworkOptions possible(NetworkOptions wanted, @Nullable ActivationRanges ranges) {
        boolean rangesMissing = ranges == null || ranges.isEmpty();
        if (wanted.precision() != Precision.INT8 || (isFast(wanted) && !rangesMissing)) {
            return wanted;
        }
        NetworkOptions bf16 = wanted.in(Precision.BF16);
        boolean bf16Gains = FastPages.gains(bf16.architecture(), bf16.precision(), bf16.device());
        NetworkOptions instead = bf16Gains ? bf16 : wanted.in(Precision.FP32);
        String reason = isFast(wanted) ? "no ranges of activations were measured" : "int8 is not fast here";
        log.atWarn()
                .addKeyValue("network", wanted.architecture().wire())
                .addKeyValue("precision", instead.precision().wire())
                .addKeyValue("reason", reason)
                .log("Network runs in another precision");
        return instead;
    }

    private static boolean isFast(NetworkOptions options) {
        return FastPages.available(options.architecture(), options.precision(), options.device());
    }

    private static FastBackbone fast(NetworkOptions options, NDManager manager) {
        Precision precision = options.precision();
        List<Integer> blocks = Layout.blocks(options.architecture());
        return new FastBackbone(Pages.fast(blocks, precision, Kernels.arePlain(precision)), manager);
    }

    private static Network made(
            NetworkOptions options, StateDict weights, BiFunction<Layout, NDManager, Network> maker) {
        Layout layout = Layout.of(options.architecture(), weights);
        layout.check(weights);
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager(options.device());
        quiet();
        try {
            return maker.apply(layout, manager);
        } catch (RuntimeException failed) {
            manager.close();
            throw failed;
        }
    }

    public NetworkOptions options() {
        return options;
    }

    /** Returns what the backbone is computed in. */
    public Precision precision() {
        return options.precision();
    }

    /** Returns the native memory that the backbone's weights take. */
    public long weightBytes() {
        long elements = layout.backbone().stream()
                .mapToLong(name -> TensorData.count(layout.shape(name)))
                .sum();
        boolean all = tensors.size() > layout.head().size();
        int each = (all ? Float.BYTES : 0)
                + switch (options.precision()) {
                    case FP32 -> 4;
                    case BF16 -> 2;
                    case INT8 -> 1;
                };
        return elements * each;
    }

    public Layout layout() {
        return layout;
    }

    /** Returns a manager for one batch on the network's device; close it after the batch. */
    public NDManager scope() {
        return manager.newSubManager();
    }

    /** Returns a manager on the processor, for what is to be moved {@link #onDevice}; close it after the batch. */
    public NDManager hostScope() {
        return manager.getEngine().newBaseManager(Device.cpu());
    }

    /**
     * Brings an array to the network's device, without waiting for what a GPU still has to do.
     *
     * @param array of a {@link #hostScope}
     * @param scope owns the result; of a {@link #scope}
     */
    public NDArray onDevice(NDArray array, NDManager scope) {
        NDArray there = options.device().equals(Device.cpu()) ? array : page.run("to_device", false, array);
        there.attach(scope);
        return there;
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
        return extractor.features(pixels, batchStatistics, collecting);
    }

    /** On a GPU: no more rounding to TF32. */
    private void beExact() {
        if (options.device().isGpu()) {
            page.run("be_exact");
            exact = true;
        }
    }

    /**
     * Computes {@link #features} with running statistics as every device does, in float32: what is trained on a GPU is
     * rounded to TF32 within convolutions, as PyTorch does.
     *
     * <p>See RATIONALE.md, Why does a GPU serve in full float32 and train in TF32?
     */
    public NDArray exactFeatures(NDArray pixels) {
        if (exact || !options.device().isGpu()) {
            return features(pixels, false);
        }
        page.run("be_exact");
        try {
            return features(pixels, false);
        } finally {
            page.run("be_fast");
        }
    }

    /**
     * Computes {@link #features} with running statistics layer by layer, as PyTorch does: slower than a page that folds and
     * fuses them, and a number that is not finite stays one. Not for a {@link #frozen} network.
     */
    public NDArray referenceFeatures(NDArray pixels) {
        return extractor.reference(pixels);
    }

    /**
     * Computes what {@link #features} by running statistics are made of: their mean over places, or in the cnn all of them.
     *
     * @return fp32 {@code [n, channels, height, width]}
     */
    public NDArray maps(NDArray pixels) {
        return extractor.maps(pixels);
    }

    /** Sets the running statistics to those of this one batch, layer by layer. */
    void calibrate(NDArray pixels) {
        extractor.calibrate(pixels);
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
        // On the processor: read from a GPU, it would make every step wait for all before it.
        try (NDManager host = hostScope()) {
            return page.run("cross_entropy", collecting, logits, labels, host.create(labelSmoothing));
        }
    }

    /**
     * As {@link #crossEntropy}, {@code nn.CrossEntropyLoss(weight=..., label_smoothing=...)}: the mean over the batch,
     * each image counting as much as its class.
     *
     * @param weight fp32 {@code [classes]}, on the network's device
     */
    public NDArray weightedCrossEntropy(NDArray logits, NDArray labels, double labelSmoothing, NDArray weight) {
        try (NDManager host = hostScope()) {
            return page.run("weighted_cross_entropy", collecting, logits, labels, host.create(labelSmoothing), weight);
        }
    }

    /** Computes probabilities, fp32 {@code [n, classes]}, of logits: {@code softmax(dim=1)}. */
    public NDArray probabilities(NDArray logits) {
        return page.run("probabilities", false, logits);
    }

    /** Sets which parameters train: those require gradients from now on, the others do not. */
    public void trains(Trainable newTrainable) {
        extractor.trains(newTrainable);
        trained().values().forEach(parameter -> parameter.setRequiresGradient(false));
        trainable = newTrainable;
        trained().values().forEach(parameter -> parameter.setRequiresGradient(true));
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
     * Returns the tensors by torchvision's names, live: running statistics and parameters move in place. A
     * {@link #frozen} network may have none but the head's.
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
        if (!layout.head().containsAll(weights.names())) {
            extractor.moved();
        }
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
        if (fast != null) {
            fast.close();
        }
        page.close();
        manager.close();
    }
}
