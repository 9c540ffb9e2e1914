package io.github.finetide.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.Trainable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything before the head, on whichever page can compute it: the plain one, which trains, or as long as only the head
 * does the fast one. Knows whether what a page has folded or packed is still that of the present tensors.
 */
final class FeatureExtractor {
    private final Page page;
    private final @Nullable FastBackbone fast;
    private final Map<String, NDArray> tensors;
    private final boolean whole;
    private Trainable trainable = Trainable.HEAD;

    /** Whether the folded or packed convolutions are those of the present tensors. */
    private boolean folded;

    /** Whether a page has the present convolutions for batch statistics. */
    private boolean loaded;

    /**
     * Closes nothing of what it is given.
     *
     * @param fast computes features as long as the backbone does not train; null where the page does
     * @param tensors live; without the backbone's where the fast page has them packed for good
     * @param whole whether they are all there
     */
    FeatureExtractor(Page page, @Nullable FastBackbone fast, Map<String, NDArray> tensors, boolean whole) {
        this.page = page;
        this.fast = fast;
        this.tensors = tensors;
        this.whole = whole;
        this.folded = !whole;
    }

    /** As {@link Network#features}; part of a graph of gradients if they are collected and the backbone trains. */
    NDArray features(NDArray pixels, boolean batchStatistics, boolean collecting) {
        checkPixels(pixels);
        boolean autograd = collecting && trainable != Trainable.HEAD;
        FastBackbone constant = trainable == Trainable.HEAD ? fast : null;
        if (batchStatistics) {
            requireWhole();
            return constant == null
                    ? plainByBatchStatistics(pixels, autograd)
                    : fastByBatchStatistics(constant, pixels);
        }
        return constant == null
                ? plainByRunningStatistics(pixels, autograd)
                : fastByRunningStatistics(constant, pixels);
    }

    /** As {@link Network#referenceFeatures}. */
    NDArray reference(NDArray pixels) {
        checkPixels(pixels);
        requireWhole();
        if (trainable != Trainable.HEAD) {
            return plainByRunningStatistics(pixels, false);
        }
        page.run("train_" + Trainable.ALL.wire());
        page.run("fold"); // nothing then
        NDArray features = page.run("features_by_running_statistics", false, pixels);
        page.run("train_" + Trainable.HEAD.wire());
        folded = folded && fast != null;
        return features;
    }

    private NDArray fastByBatchStatistics(FastBackbone backbone, NDArray pixels) {
        if (folded) {
            backbone.unpack(); // they will be others
            folded = false;
        }
        if (!loaded) {
            backbone.load(tensors);
            loaded = true;
        }
        return backbone.featuresByBatchStatistics(pixels);
    }

    private NDArray plainByBatchStatistics(NDArray pixels, boolean autograd) {
        folded = false;
        if (!loaded) {
            page.run("hold");
            loaded = true;
        }
        return page.run("features_by_batch_statistics", autograd, pixels);
    }

    private NDArray fastByRunningStatistics(FastBackbone backbone, NDArray pixels) {
        pack(backbone);
        return backbone.features(pixels);
    }

    private void pack(FastBackbone backbone) {
        if (!folded) {
            backbone.pack(tensors);
            folded = true;
        }
    }

    private NDArray plainByRunningStatistics(NDArray pixels, boolean autograd) {
        fold();
        return page.run("features_by_running_statistics", autograd, pixels);
    }

    private void fold() {
        if (!folded) {
            page.run("fold");
            folded = true;
        }
    }

    /** As {@link Network#maps}. */
    NDArray maps(NDArray pixels) {
        checkPixels(pixels);
        FastBackbone constant = trainable == Trainable.HEAD ? fast : null;
        if (constant != null) {
            pack(constant);
            return constant.maps(pixels);
        }
        fold();
        return page.run("maps_by_running_statistics", false, pixels);
    }

    /** Sets the running statistics to those of this one batch, layer by layer. */
    void calibrate(NDArray pixels) {
        checkPixels(pixels);
        folded = false;
        page.run("calibrate", false, pixels).close();
    }

    /** What trains from now on. */
    void trains(Trainable newTrainable) {
        if (newTrainable != Trainable.HEAD) {
            requireWhole();
        }
        trainable = newTrainable;
        page.run("train_" + trainable.wire());
        moved();
    }

    /** The backbone's tensors, where it has any, were written to. */
    void moved() {
        if (whole) {
            folded = false;
            loaded = false;
        }
    }

    private void requireWhole() {
        if (!whole) {
            throw new IllegalStateException("the backbone is frozen");
        }
    }

    private static void checkPixels(NDArray pixels) {
        Shape shape = pixels.getShape();
        if (pixels.getDataType() != DataType.UINT8 || shape.dimension() != 4 || shape.get(0) < 1 || shape.get(3) != 3) {
            throw new IllegalArgumentException(
                    "pixels must be uint8 [n, height, width, 3], not " + pixels.getDataType() + " " + shape);
        }
    }
}
