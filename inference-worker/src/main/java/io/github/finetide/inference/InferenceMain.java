package io.github.finetide.inference;

import ai.djl.Device;
import io.github.finetide.fetch.ImageSources;
import io.github.finetide.fetch.SourceRules;
import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.inference.model.CheckpointLoader;
import io.github.finetide.inference.model.PrecisionChoice;
import io.github.finetide.kafka.Codecs;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.Precision;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.network.Devices;
import io.github.finetide.network.FastPages;
import io.github.finetide.network.Kernels;
import io.github.finetide.options.CommandLines;
import io.github.finetide.options.Configuration;
import io.github.finetide.options.DataRoots;
import io.github.finetide.options.DurationConverter;
import io.github.finetide.options.ExitCode;
import io.github.finetide.options.Verbosity;
import io.github.finetide.options.WorkerOptions;
import io.github.finetide.runtime.Health;
import io.github.finetide.runtime.HttpEndpoint;
import io.github.finetide.runtime.NativeSettings;
import io.github.finetide.runtime.Shutdown;
import io.github.finetide.store.Checkpoints;
import io.github.finetide.tracing.Tracing;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code finetide inference}: one inference worker in the foreground. */
@Command(
        name = "inference",
        mixinStandardHelpOptions = true,
        description = "Classifies the images that requests name, with the models that are released.")
public final class InferenceMain implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(InferenceMain.class);

    /** What {@code --precision} takes. */
    enum Wanted {
        AUTO(null),
        FP32(Precision.FP32),
        BF16(Precision.BF16),
        INT8(Precision.INT8);

        private final @Nullable Precision precision;

        Wanted(@Nullable Precision precision) {
            this.precision = precision;
        }
    }

    @Mixin
    private WorkerOptions worker = new WorkerOptions(WorkerOptions.INFERENCE_HTTP_PORT);

    @Mixin
    @SuppressWarnings("UnusedVariable") // CommandLines reads it
    private Verbosity verbosity = new Verbosity();

    @Option(
            names = "--max-batch",
            paramLabel = "N",
            description = "Images that go through the network together, at most (default: ${DEFAULT-VALUE}).")
    private int maxBatch = 32;

    @Option(
            names = "--batch-wait",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long an image waits for others that are on their way to its batch (default: 20ms).")
    private Duration batchWait = Duration.ofMillis(20);

    @Option(
            names = "--decode-threads",
            paramLabel = "N",
            description = "Images decoded at once (default: the processors this process may use).")
    private int decodeThreads = Runtime.getRuntime().availableProcessors();

    @Option(
            names = "--precision",
            paramLabel = "auto|fp32|bf16|int8",
            description = "How networks are computed (default: auto: the fastest that the release allows).")
    private Wanted precision = Wanted.AUTO;

    @Option(
            names = "--models",
            paramLabel = "NAME",
            arity = "1..*",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Models to serve (default: all that are released).")
    private List<String> models = List.of();

    @Option(
            names = "--model-memory",
            paramLabel = "SIZE",
            converter = ByteSize.class,
            description = "Memory for models, as 4g or 512m; the least recently used leave above it and come back on"
                    + " demand (default: half of the machine's).")
    private long modelMemory = ByteSize.halfOfMachine();

    @Option(
            names = "--min-confidence",
            paramLabel = "FRACTION",
            description =
                    "Calibrated confidence below which a result's decision is abstained, where its request does not"
                            + " say (default: ${DEFAULT-VALUE}).")
    private double minConfidence;

    @Spec
    private CommandSpec spec;

    /** Runs the worker until it is asked to stop. */
    public static void main(String[] arguments) {
        Shutdown.listen();
        Shutdown.exit(CommandLines.run(new InferenceMain(), arguments));
    }

    @Override
    public Integer call() throws Exception {
        InferenceSettings settings = settings();
        log.atInfo().addKeyValue("configuration", Configuration.describe(spec)).log("Inference worker starts");
        NativeSettings.prepare(worker.threads());
        Kernels.rememberIn(worker.weightsCache());
        try (TemporaryFolder temporary = NativeSettings.useFolder(worker.tempDir())) {
            Codecs.load();
            return serve(settings, temporary);
        }
    }

    private Integer serve(InferenceSettings settings, TemporaryFolder temporary) throws Exception {
        Health health = new Health();
        KafkaSettings kafka = worker.kafka();
        kafka.reachabilityProblem()
                .ifPresent(why -> log.atWarn().addKeyValue("reason", why).log("Kafka does not answer yet"));
        try (Metrics metrics = new Metrics();
                Tracing tracing = worker.tracing("finetide-inference");
                HttpEndpoint endpoint = HttpEndpoint.start(worker.httpPort(), metrics.registry(), health);
                ImageSources images = images(settings.limits());
                Checkpoints checkpoints = Checkpoints.open(worker.store(), worker.workerId(), worker.weightsCache())) {
            log.atInfo().addKeyValue("port", endpoint.port()).log("Metrics and health are served");
            Device device = worker.device().device();
            metrics.device(Devices.name(device), () -> Devices.memory(device));
            CheckpointLoader loader = loader(checkpoints, settings, device);
            InferenceWorker inference =
                    new InferenceWorker(worker.workerId(), settings, kafka, images, loader, metrics, tracing);
            inference.register(health);
            return run(inference, temporary);
        }
    }

    private int run(InferenceWorker inference, TemporaryFolder temporary) throws InterruptedException {
        try (Shutdown shutdown = Shutdown.install(worker.grace(), inference::stop)) {
            inference.run();
            log.info("Stopped");
            temporary.close(); // the process may end with the next line
            return shutdown.finished(ExitCode.OK);
        }
    }

    private InferenceSettings settings() {
        try {
            Set<String> wanted = new LinkedHashSet<>(models);
            return new InferenceSettings(
                    maxBatch,
                    batchWait,
                    decodeThreads,
                    precision.precision,
                    wanted,
                    modelMemory,
                    worker.limits().image(),
                    minConfidence);
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), wrong.getMessage(), wrong);
        }
    }

    private ImageSources images(ImageLimits limits) {
        DataRoots.require(spec.commandLine(), worker.dataRoots());
        return new ImageSources(SourceRules.of(worker.dataRoots(), worker.allowHosts(), worker.allowBuckets(), limits)
                .withMaxManifestBytes(worker.limits().maxManifestBytes()));
    }

    private static CheckpointLoader loader(Checkpoints checkpoints, InferenceSettings settings, Device device) {
        Set<Precision> fast = settings.precision() == null ? FastPages.fasterThanFp32(device) : Set.of();
        PrecisionChoice precisions = new PrecisionChoice(settings.precision(), fast);
        return new CheckpointLoader(checkpoints, precisions, device, settings.maxBatch());
    }
}
