package io.github.finetide.network;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Precision;
import io.github.finetide.tensor.StateDict;
import java.util.List;
import java.util.Optional;

/** Measures on images which ranges the activations of a network have: what int8 needs besides weights. */
public final class Calibration implements AutoCloseable {
    private final NDManager manager;
    private final List<Integer> blocks;
    private final FastBackbone backbone;

    private Calibration(NDManager manager, List<Integer> blocks, FastBackbone backbone) {
        this.manager = manager;
        this.blocks = blocks;
        this.backbone = backbone;
    }

    /**
     * Opens a network to be observed, in bf16 where that is fast: it is accurate enough to see ranges.
     *
     * @param options whatever their precision
     * @param weights as for {@link Network#frozen}
     * @return empty where int8 cannot be computed
     */
    public static Optional<Calibration> open(NetworkOptions options, StateDict weights) {
        if (!available(options, Precision.INT8) || !available(options, Precision.FP32)) {
            return Optional.empty();
        }
        Precision precision = available(options, Precision.BF16) ? Precision.BF16 : Precision.FP32;
        List<Integer> blocks = Layout.blocks(options.architecture());
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager(options.device());
        try {
            FastBackbone backbone = new FastBackbone(Pages.fast(blocks, precision), manager);
            backbone.pack(weights);
            return Optional.of(new Calibration(manager, blocks, backbone));
        } catch (RuntimeException failed) {
            manager.close();
            throw failed;
        }
    }

    private static boolean available(NetworkOptions options, Precision precision) {
        return FastPages.available(options.architecture(), precision, options.device());
    }

    /** Returns a manager for one batch; close it after the batch. */
    public NDManager scope() {
        return manager.newSubManager();
    }

    /**
     * Looks at some images; several in the first batch, which decides how large a value may be.
     *
     * @param pixels uint8 {@code [n, height, width, 3]}
     */
    public void observe(NDArray pixels) {
        backbone.observe(pixels);
    }

    /** Returns the ranges of all images observed, at least one. */
    public ActivationRanges ranges() {
        return ActivationRanges.choose(Layout.activations(blocks), backbone.histograms());
    }

    @Override
    public void close() {
        backbone.close();
        manager.close();
    }
}
