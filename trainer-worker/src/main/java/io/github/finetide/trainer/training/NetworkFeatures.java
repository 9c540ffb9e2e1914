package io.github.finetide.trainer.training;

import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Precision;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.BackboneKey;
import io.github.finetide.network.Devices;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.FeatureNetwork;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Function;

/** Makes feature networks, which are named by what they compute. */
final class NetworkFeatures {
    private NetworkFeatures() {}

    /**
     * A frozen network.
     *
     * @param weights that it was opened with
     * @param ranges that it was opened with; they count in int8 alone
     */
    static FeatureNetwork of(Network network, StateDict weights, Optional<ActivationRanges> ranges) {
        return of(
                network.options(), weights, ranges, network.layout().featureCount(), batch -> compute(network, batch));
    }

    /**
     * The same for a network that is open already.
     *
     * @param options with the precision that it really runs in
     */
    static FeatureNetwork of(
            NetworkOptions options,
            StateDict weights,
            Optional<ActivationRanges> ranges,
            int columns,
            Function<Batch, ByteBuffer> compute) {
        boolean measured = options.precision() == Precision.INT8;
        String backbone = BackboneKey.of(options, weights, measured ? ranges.orElse(null) : null);
        int most = Devices.isAccelerator(options.device())
                ? FeatureNetwork.MOST_IMAGES_ON_GPU
                : FeatureNetwork.MOST_IMAGES_ON_CPU;
        return new FeatureNetwork(backbone, columns, most, compute);
    }

    private static ByteBuffer compute(Network network, Batch batch) {
        try (NDManager scope = network.scope()) {
            return network.features(batch.input(scope), false).toByteBuffer();
        }
    }
}
