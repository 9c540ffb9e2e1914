package io.github.finetide.trainer.training;

import ai.djl.Device;
import io.github.finetide.features.FeatureStore;
import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.decode.BoundedDecoder;
import io.github.finetide.network.weights.WeightsFetch;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.trainer.data.FeatureHelpers;
import java.nio.file.Path;

/**
 * What a worker provides for the job that it runs.
 *
 * @param checkpoints the store; stays open
 * @param features rows that jobs share
 * @param helpers other workers, who may compute parts of a job's features
 * @param weightsCache folder for starting weights
 * @param weights brings the weights files that jobs name
 * @param images brings manifests and images
 * @param device where the network, the optimiser and the batches live
 * @param decodeThreads how many images are decoded and augmented at once
 * @param temporary folder of this worker alone, for what does not outlive a job
 * @param decoder of all images of this worker
 */
public record TrainerResources(
        Checkpoints checkpoints,
        FeatureStore features,
        FeatureHelpers.Source helpers,
        Path weightsCache,
        WeightsFetch weights,
        ImageFetcher images,
        Device device,
        int decodeThreads,
        Path temporary,
        BoundedDecoder decoder) {

    /** With the default limits of images. */
    public TrainerResources(
            Checkpoints checkpoints,
            Path weightsCache,
            WeightsFetch weights,
            ImageFetcher images,
            Device device,
            int decodeThreads,
            Path temporary) {
        this(
                checkpoints,
                new FeatureStore(checkpoints.store(), "trainer", FeatureStore.DEFAULT_MAX_BYTES),
                () -> FeatureHelpers.NONE,
                weightsCache,
                weights,
                images,
                device,
                decodeThreads,
                temporary,
                BoundedDecoder.of(ImageLimits.defaults(), Runtime.getRuntime().maxMemory()));
    }

    /** The same with other helpers. */
    public TrainerResources with(FeatureHelpers.Source others) {
        return new TrainerResources(
                checkpoints,
                features,
                others,
                weightsCache,
                weights,
                images,
                device,
                decodeThreads,
                temporary,
                decoder);
    }

    public TrainerResources {
        if (decodeThreads < 1) {
            throw new IllegalArgumentException("decodeThreads is " + decodeThreads + ", must be at least 1");
        }
    }

    /** The same with other ways to weights. */
    TrainerResources withWeights(WeightsFetch other) {
        return new TrainerResources(
                checkpoints, features, helpers, weightsCache, other, images, device, decodeThreads, temporary, decoder);
    }
}
