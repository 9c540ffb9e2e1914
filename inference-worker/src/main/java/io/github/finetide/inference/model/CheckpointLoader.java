package io.github.finetide.inference.model;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.github.finetide.image.Pixels;
import io.github.finetide.inference.model.Backbone.Question;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Precision;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Layout;
import io.github.finetide.network.MemoryFaults;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.FileEntry;
import io.github.finetide.store.LocalCheckpoint;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads models from checkpoints. One that changed nothing but the head joins the backbone of its
 * starting weights; any other gets a network of its own.
 */
public final class CheckpointLoader implements ModelLoader {
    private static final Logger log = LoggerFactory.getLogger(CheckpointLoader.class);

    private final Checkpoints checkpoints;
    private final SharedBackbones backbones = new SharedBackbones();
    private final PrecisionChoice precisions;
    private final Device device;
    private final int maxBatch;

    /** @param maxBatch the largest batch to warm a network up for */
    public CheckpointLoader(Checkpoints checkpoints, PrecisionChoice precisions, Device device, int maxBatch) {
        this.checkpoints = checkpoints;
        this.precisions = precisions;
        this.device = device;
        this.maxBatch = maxBatch;
    }

    @Override
    public LoadedModel load(ModelRelease release) {
        LocalCheckpoint checkpoint = checkpoints.fetch(release.uri(), release.digest());
        CheckpointManifest manifest = checkpoint.manifest();
        requireSame("model", release.model(), manifest.job().model());
        requireSame("version", release.version(), version(manifest));
        try {
            return open(checkpoint, precisions.of(manifest));
        } catch (EngineException failed) {
            throw MemoryFaults.of(failed, "version " + release.version() + " needs more than " + device + " has free");
        }
    }

    @Override
    public Optional<ModelRelease> find(String model, String version) {
        Optional<StoredVersion> stored = StoredVersion.parse(version);
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        return checkpoints.list(stored.get().jobId()).stream()
                .filter(stored.get()::isIn)
                .map(uri -> checkpoints.fetch(uri, null))
                .filter(found -> found.manifest().job().model().equals(model))
                .map(found -> release(found, version))
                .findFirst();
    }

    private static ModelRelease release(LocalCheckpoint found, String version) {
        return new ModelRelease(
                found.manifest().job().model(),
                version,
                found.saved().uri(),
                found.saved().digest(),
                InstantSource.system().instant(),
                "pinned by a request");
    }

    private LoadedModel open(LocalCheckpoint checkpoint, Precision precision) {
        CheckpointManifest manifest = checkpoint.manifest();
        int imageSize = manifest.preprocessing().imageSize();
        Layout layout = Layout.of(manifest.network(), manifest.classNames().size(), imageSize);
        StateDict changed = read(checkpoint.file(CheckpointManifest.MODEL));
        boolean shared = layout.head().containsAll(changed.names());
        String own = shared ? manifest.weightsDigest() : checkpoint.saved().digest();
        StateDict head =
                changed.names().containsAll(layout.head()) ? changed : layout.whole(starting(manifest), changed);
        Supplier<TorchBackbone> opener = () -> backbone(checkpoint, layout, changed, precision);
        String calibration = calibration(manifest, precision);
        String kind = calibration.isEmpty() ? "" : "calibrated";
        String key = String.join(" ", manifest.network().wire(), precision.wire(), own, kind);
        SharedBackbones.Share share = backbones.share(key, opener);
        boolean hasOwnRanges = share.isFirst() || calibration.isEmpty();
        try {
            return model(checkpoint, layout, head, share);
        } catch (FaultException refused) {
            if (hasOwnRanges || refused.kind() != ErrorKind.INVALID) {
                throw refused;
            }
            log.atInfo()
                    .addKeyValue("model", manifest.job().model())
                    .addKeyValue("version", version(manifest))
                    .addKeyValue("reason", refused.getMessage())
                    .log("Another model's int8 ranges do not fit: a backbone of its own");
            return model(checkpoint, layout, head, backbones.share(key + " " + calibration, opener));
        }
    }

    private LoadedModel model(LocalCheckpoint checkpoint, Layout layout, StateDict head, SharedBackbones.Share share) {
        CheckpointManifest manifest = checkpoint.manifest();
        try {
            LinearHead linear = LinearHead.of(share.backbone().headScope(), layout, head);
            Precision runs = share.backbone().precision();
            HeadOnBackbone model = new HeadOnBackbone(info(manifest, runs), share, linear);
            return prepared(model, share, checkpoint);
        } catch (RuntimeException | Error failed) {
            share.close();
            throw failed;
        }
    }

    /**
     * Backbones of equal weights differ in int8 by the images they were calibrated on. The ranges of the first model
     * serve the others too, as long as their golden images get the same answers: 50 models need one backbone.
     */
    private static String calibration(CheckpointManifest manifest, Precision precision) {
        return precision == Precision.INT8
                ? manifest.file(CheckpointManifest.CALIBRATION)
                        .map(FileEntry::sha256)
                        .orElse("")
                : "";
    }

    private TorchBackbone backbone(LocalCheckpoint checkpoint, Layout layout, StateDict changed, Precision precision) {
        CheckpointManifest manifest = checkpoint.manifest();
        StateDict weights = layout.whole(starting(manifest), changed);
        NetworkOptions options = new NetworkOptions(manifest.network(), precision, device);
        ActivationRanges ranges = calibration(manifest, precision).isEmpty()
                ? null
                : ActivationRanges.of(read(checkpoint.file(CheckpointManifest.CALIBRATION)));
        return new TorchBackbone(Network.frozen(options, weights, ranges));
    }

    private StateDict starting(CheckpointManifest manifest) {
        return read(checkpoints.weights(manifest.weightsDigest()));
    }

    private LoadedModel prepared(HeadOnBackbone model, SharedBackbones.Share share, LocalCheckpoint checkpoint) {
        try {
            if (share.isFirst()) {
                warmUp(model);
            }
            goldenCheck(checkpoint, model.info().precision(), model);
            return model;
        } catch (RuntimeException | Error failed) {
            model.closeHead();
            throw failed;
        }
    }

    /** Against what the trainer saw in the same precision, or else in the job's, with room for both precisions. */
    private static void goldenCheck(LocalCheckpoint checkpoint, Precision precision, LoadedModel model) {
        CheckpointManifest manifest = checkpoint.manifest();
        StateDict golden = read(checkpoint.file(CheckpointManifest.GOLDEN));
        TensorData images = golden.get("images");
        Precision own = manifest.job().precision();
        Optional<TensorData> measured = manifest.file(CheckpointManifest.GOLDEN_PRECISIONS)
                .map(entry -> read(checkpoint.file(entry.name())))
                .flatMap(others -> others.find("probabilities." + precision.wire()));
        if (precision == own || measured.isEmpty()) {
            double tolerance =
                    PrecisionChoice.tolerance(precision) + (precision == own ? 0 : PrecisionChoice.tolerance(own));
            new GoldenCheck(images, golden.get("probabilities")).run(model, tolerance);
        } else {
            new GoldenCheck(images, measured.get()).run(model, PrecisionChoice.tolerance(precision));
        }
    }

    /** The first calls of a batch size take up to twice their time. */
    private void warmUp(HeadOnBackbone model) {
        int size = model.info().imageSize();
        Question question = new Question(new Pixels(size, size, new byte[size * size * Pixels.CHANNELS]), model.head());
        for (int batch : new int[] {1, maxBatch}) {
            model.backbone().classify(Collections.nCopies(batch, question));
        }
    }

    private static ModelInfo info(CheckpointManifest manifest, Precision precision) {
        List<String> names = manifest.classNames();
        int size = manifest.preprocessing().imageSize();
        return new ModelInfo(
                manifest.job().model(),
                version(manifest),
                names,
                size,
                precision,
                manifest.confidence(),
                manifest.answers());
    }

    private static String version(CheckpointManifest manifest) {
        return ModelRelease.version(manifest.job().jobId(), manifest.epoch());
    }

    private static void requireSame(String field, String released, String found) {
        if (!released.equals(found)) {
            throw new FaultException(
                    ErrorKind.INVALID, "the release's " + field + " is " + released + ", its checkpoint's " + found);
        }
    }

    private static StateDict read(Path file) {
        try {
            return SafeTensors.read(file);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
