package io.github.finetide.trainer.training;

import io.github.finetide.features.RowKey;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.FeatureRequest;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.InitialWeights;
import io.github.finetide.network.Layout;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.EpochOrder;
import io.github.finetide.trainer.data.FeatureCache;
import io.github.finetide.trainer.data.FeatureEvents;
import io.github.finetide.trainer.data.FeatureExtraction;
import io.github.finetide.trainer.data.FeatureNetwork;
import io.github.finetide.trainer.data.ImageReader;
import io.github.finetide.trainer.data.ImageSet;
import io.github.finetide.trainer.data.PixelLoader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Computes parts with the network of the last one, where the next one is of the same. */
public final class FeaturePartWork implements FeatureWork {
    private static final int ANY_CLASSES = 2; // the head is not used

    private final TrainerResources resources;
    private @Nullable Backbone open;

    public FeaturePartWork(TrainerResources resources) {
        this.resources = resources;
    }

    /** Stops a part in the middle. */
    private static final class NotWantedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotWantedException() {
            super("not wanted any more", null, false, false);
        }
    }

    private record Backbone(Network network, FeatureNetwork features) {}

    @Override
    public List<String> compute(FeatureRequest request, BooleanSupplier isWanted) {
        ImageReader reader = new ImageReader(resources.images(), resources.decoder());
        ImageSet images = ImageSet.of(request, reader);
        check("preparation", request.preparation(), images.preparation(request.view()));
        if (isThere(request)) {
            return List.of(); // whoever asked was faster: no network needs to be opened
        }
        Backbone backbone = backbone(request);
        check("backbone", request.backbone(), backbone.features().backbone());
        BatchSampler pass =
                new BatchSampler(images, request.view(), EpochOrder.sequential(images.size()), images.size());
        try (PixelLoader loader = new PixelLoader(resources.decodeThreads())) {
            return new FeatureExtraction(loader, backbone.features(), resources.features(), FeatureEvents.NONE, null)
                    .store(pass, resources.temporary(), whileWanted(isWanted));
        } catch (NotWantedException stopped) {
            return List.of();
        }
    }

    private boolean isThere(FeatureRequest request) {
        Set<RowKey> rows = request.images().stream()
                .map(image -> RowKey.of(HexFormat.of().parseHex(image.sha256()), request.preparation()))
                .collect(Collectors.toSet());
        int columns = Layout.featureCount(request.network(), request.imageSize());
        return resources.features().backbone(request.backbone(), columns).read(rows, (key, row) -> {}) == rows.size();
    }

    private static FeatureCache.Watcher whileWanted(BooleanSupplier isWanted) {
        return (batch, batches, images) -> {
            if (!isWanted.getAsBoolean()) {
                throw new NotWantedException();
            }
        };
    }

    /** Rows lie under the name of what made them: who makes others would make them for nobody. */
    private static void check(String what, String asked, String here) {
        if (!asked.equals(here)) {
            throw new FaultException(
                    ErrorKind.INVALID, what + " asked for is \"" + asked + "\", this worker's is \"" + here + "\"");
        }
    }

    private Backbone backbone(FeatureRequest request) {
        Backbone last = open;
        if (last != null && last.features().backbone().equals(request.backbone())) {
            return last;
        }
        rest();
        Layout layout = Layout.of(request.network(), ANY_CLASSES, request.imageSize());
        StateDict weights = read(resources.checkpoints().weights(request.weightsDigest()))
                .without(layout.head())
                .with(InitialWeights.head(request.network(), ANY_CLASSES, request.imageSize(), 0));
        Optional<ActivationRanges> ranges =
                Optional.ofNullable(request.ranges()).map(ActivationRanges::of);
        NetworkOptions options = new NetworkOptions(request.network(), request.precision(), resources.device());
        Network network = Network.frozen(options, weights, ranges.orElse(null));
        Backbone opened = new Backbone(network, NetworkFeatures.of(network, weights, ranges));
        open = opened;
        return opened;
    }

    private static StateDict read(Path file) {
        try {
            return SafeTensors.read(file);
        } catch (IOException failed) {
            throw new FaultException(ErrorKind.UNAVAILABLE, "cannot read " + file + ": " + failed.getMessage(), failed);
        }
    }

    @Override
    public void rest() {
        if (open != null) {
            open.network().close();
            open = null;
        }
    }
}
