package io.github.finetide.trainer;

import ai.djl.Device;
import io.github.finetide.features.FeatureStore;
import io.github.finetide.fetch.ImageSources;
import io.github.finetide.fetch.SourceRules;
import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.decode.BoundedDecoder;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.UriText;
import io.github.finetide.options.StoreLocation;
import io.github.finetide.options.WorkerOptions;
import io.github.finetide.runtime.NativeSettings;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.store.Found;
import io.github.finetide.trainer.data.FeatureHelpers;
import io.github.finetide.trainer.training.ModelImport;
import io.github.finetide.trainer.training.TrainerResources;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What {@code finetide import} takes, and the import itself, which needs no Kafka. Fields are set by picocli. */
public final class ImportOptions {
    private static final String OWNER = "finetide";

    @Parameters(index = "0", paramLabel = "MODEL", description = "The model's name, as requests will use it.")
    private String model = "";

    @Parameters(
            index = "1",
            paramLabel = "WEIGHTS",
            description = "Its state dict with the head, .pth or .safetensors: a file, or a file:, https: or s3: URI.")
    private String weights = "";

    @Option(
            names = "--classes",
            paramLabel = "FILE",
            required = true,
            description = "The names of its classes, one a line, by their numbers.")
    private Path classes = Path.of("");

    @Option(
            names = "--calibrate",
            paramLabel = "MANIFEST",
            description =
                    "Images whose classes are known, as \"path label\" lines or class folders: accuracy, confidence"
                            + " and other precisions are measured on them. Without, the model is served in fp32.")
    private @Nullable String calibrate;

    @Option(names = "--network", description = "${COMPLETION-CANDIDATES} (default: resnet152).")
    private Architecture network = Architecture.RESNET152;

    @Option(
            names = "--image-size",
            paramLabel = "PIXELS",
            description = "Images are resized to a square of this edge (default: ${DEFAULT-VALUE}).")
    private int imageSize = 256;

    @Option(
            names = "--store",
            paramLabel = "URI",
            converter = StoreLocation.class,
            description = "Where checkpoints go: a folder, file: or s3://bucket/prefix (default: ./finetide-store).")
    private URI store = Path.of("finetide-store").toAbsolutePath().toUri();

    @Option(
            names = "--weights-cache",
            paramLabel = "PATH",
            description = "Where weights are kept on this machine (default: ~/.cache/finetide).")
    private Path weightsCache = WorkerOptions.defaultWeightsCache();

    /** Returns the name that requests will use. */
    public String model() {
        return model;
    }

    /**
     * Imports.
     *
     * @throws FaultException as {@link ModelImport#run}
     */
    public Found run(Consumer<String> warnings) throws IOException {
        int threads = Runtime.getRuntime().availableProcessors();
        NativeSettings.prepare(threads);
        ModelImport.Model wanted = wanted();
        SourceRules rules = rules(wanted);
        try (ImageSources images = new ImageSources(rules);
                WeightSources sources = new WeightSources(rules);
                Checkpoints checkpoints = Checkpoints.open(store, OWNER, weightsCache);
                TemporaryFolder temporary = NativeSettings.useFolder(null)) {
            FeatureStore features = new FeatureStore(checkpoints.store(), OWNER, FeatureStore.DEFAULT_MAX_BYTES);
            TrainerResources resources = new TrainerResources(
                    checkpoints,
                    features,
                    () -> FeatureHelpers.NONE,
                    weightsCache,
                    sources,
                    images,
                    Device.cpu(),
                    threads,
                    temporary.path(),
                    BoundedDecoder.of(
                            ImageLimits.defaults(), Runtime.getRuntime().maxMemory()));
            return new ModelImport(resources, warnings).run(wanted);
        }
    }

    private ModelImport.Model wanted() throws IOException {
        List<String> names = Files.readString(classes, StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
        URI images = calibrate == null ? null : uri(calibrate);
        return new ModelImport.Model(model, uri(weights), names, network, imageSize, images);
    }

    private static URI uri(String place) {
        return UriText.isUri(place)
                ? UriText.of(place)
                : Path.of(place).toAbsolutePath().normalize().toUri();
    }

    /** Who calls this may read what they name: their own files, and where the two URIs point. */
    private static SourceRules rules(ModelImport.Model wanted) {
        List<URI> named = Stream.of(wanted.weights(), wanted.images())
                .filter(Objects::nonNull)
                .toList();
        return SourceRules.of(
                List.of(Path.of("/")), authorities(named, "https"), authorities(named, "s3"), ImageLimits.defaults());
    }

    private static List<String> authorities(List<URI> named, String scheme) {
        return named.stream()
                .filter(uri -> scheme.equals(uri.getScheme()))
                .map(URI::getRawAuthority)
                .toList();
    }
}
