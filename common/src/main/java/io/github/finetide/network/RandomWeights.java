package io.github.finetide.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.github.finetide.message.Architecture;
import io.github.finetide.tensor.StateDict;

/**
 * Random weights whose activations stay sane: the running statistics of batch norm are measured on
 * images made from the seed. Each layer is normalised by what it measured before the next one sees it,
 * so one pass calibrates all of them, layer by layer.
 *
 * <p>See RATIONALE.md, Why uniform numbers for random residual networks?
 */
public final class RandomWeights {
    private static final int IMAGES = 16;

    /** Edge in pixels: 16 positions in the last stage, times the images, for each mean and variance. */
    private static final int IMAGE_SIZE = 128;

    private RandomWeights() {}

    /** Returns everything but the head, the same for the same seed. */
    public static StateDict draw(Architecture architecture, long seed) {
        StateDict drawn = InitialWeights.backbone(architecture, seed);
        return architecture == Architecture.CNN ? drawn : calibrated(architecture, drawn, seed);
    }

    private static StateDict calibrated(Architecture architecture, StateDict drawn, long seed) {
        StateDict whole = drawn.with(InitialWeights.head(architecture, 2, IMAGE_SIZE, seed));
        try (Network network = Network.open(NetworkOptions.of(architecture), whole);
                NDManager batch = network.scope()) {
            NDArray pixels = batch.create(
                    SeededImages.draw(seed, IMAGES, IMAGE_SIZE),
                    new Shape(IMAGES, IMAGE_SIZE, IMAGE_SIZE, 3),
                    DataType.UINT8);
            network.calibrate(pixels);
            StateDict statistics = network.snapshot(network.layout().runningStatistics().stream()
                    .filter(name -> !Layout.isBatchCount(name))
                    .toList());
            return drawn.with(statistics);
        }
    }
}
