package io.github.finetide.options;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.network.DeviceChoice;
import io.github.finetide.runtime.HttpEndpoint;
import io.github.finetide.runtime.Shutdown;
import io.github.finetide.tracing.Tracing;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The options of both workers, to be mixed into their commands:
 * {@code @Mixin WorkerOptions worker = new WorkerOptions(9400);}. Run the command with {@link CommandLines}: it
 * gives each option its environment variable ({@code --http-port}: {@code FINETIDE_HTTP_PORT}).
 */
public final class WorkerOptions {
    /** Port of a trainer's {@link HttpEndpoint}. */
    public static final int TRAINER_HTTP_PORT = 9400;
    /** Port of an inference worker's {@link HttpEndpoint}. */
    public static final int INFERENCE_HTTP_PORT = 9401;

    @Mixin
    private KafkaOptions kafka = new KafkaOptions();

    @Option(
            names = "--store",
            paramLabel = "URI",
            converter = StoreLocation.class,
            description = "Where checkpoints are: a folder, file: or s3://bucket/prefix (default: ./finetide-store).")
    private URI store = StoreLocation.of("finetide-store");

    @Option(
            names = "--data-root",
            paramLabel = "PATH",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Folder that file: URIs may point into; repeatable. Without one no file: URI is read.")
    private List<Path> dataRoots = List.of();

    @Option(
            names = "--allow-host",
            paramLabel = "HOST",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Host that http(s): URIs may name, or *.domain for all below it; repeatable. Without one no"
                    + " http(s): URI is read.")
    private List<String> allowHosts = List.of();

    @Option(
            names = "--allow-bucket",
            paramLabel = "BUCKET[/PREFIX]",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Bucket, or folder in one, that s3: URIs of jobs and requests may name; repeatable. Without"
                    + " one no s3: URI is read; the store needs none.")
    private List<String> allowBuckets = List.of();

    @Mixin
    private LimitOptions limits = new LimitOptions();

    @Option(
            names = "--weights-cache",
            paramLabel = "PATH",
            description = "Folder for downloaded weights and checkpoints (default: ~/.cache/finetide).")
    private Path weightsCache = defaultWeightsCache();

    @Option(
            names = "--temp-dir",
            paramLabel = "PATH",
            description =
                    "Folder for temporary files and for native libraries (codecs, libtorch), which are loaded from"
                            + " there: writable, and not mounted noexec (default: the system's, and ~/.djl.ai for"
                            + " libtorch).")
    private @Nullable Path tempDir;

    @Option(
            names = "--device",
            paramLabel = "auto|cpu|cuda|mps",
            description = "Where the network runs: cuda (or gpu) is an NVIDIA GPU, mps an Apple processor's (default:"
                    + " auto: cuda where there is one, else cpu).")
    private DeviceChoice device = DeviceChoice.AUTO;

    @Option(
            names = "--threads",
            paramLabel = "N",
            converter = OptionTypes.Count.class,
            description = "Threads of one operator of the network (default: the processors this process may use).")
    private @Nullable Integer threads;

    @Option(
            names = "--http-port",
            paramLabel = "PORT",
            converter = OptionTypes.Port.class,
            description = "Port of /metrics and /health; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int httpPort;

    @Option(
            names = "--worker-id",
            paramLabel = "ID",
            converter = OptionTypes.Name.class,
            description = "Name of this worker in events (default: host name and process id).")
    private String workerId = defaultWorkerId();

    @Option(
            names = "--otel",
            description = "Trace requests and jobs with OpenTelemetry; the standard OTEL_* variables say where to"
                    + " (default: no traces).")
    private boolean otel;

    @Option(
            names = "--grace",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "Time to finish or checkpoint what is in hand after SIGTERM, as PT30S or 30s"
                    + " (default: PT30S).")
    private Duration grace = Duration.ofSeconds(30);

    /** Options whose {@code --http-port} defaults to the given port. */
    public WorkerOptions(int defaultHttpPort) {
        this.httpPort = defaultHttpPort;
    }

    /** Where weights and what was found out about this machine are kept, unless another folder is named. */
    public static Path defaultWeightsCache() {
        return Path.of(System.getProperty("user.home"), ".cache", "finetide");
    }

    /** See {@link KafkaOptions#settings}. */
    public KafkaSettings kafka() {
        return kafka.settings();
    }

    /** An absolute {@code file:} or an {@code s3:} URI. */
    public URI store() {
        return store;
    }

    public List<Path> dataRoots() {
        return List.copyOf(dataRoots);
    }

    public List<String> allowHosts() {
        return List.copyOf(allowHosts);
    }

    public List<String> allowBuckets() {
        return List.copyOf(allowBuckets);
    }

    public LimitOptions limits() {
        return limits;
    }

    public Path weightsCache() {
        return weightsCache;
    }

    /** Where temporary files and native libraries go; null: where the system says. */
    public @Nullable Path tempDir() {
        return tempDir;
    }

    public DeviceChoice device() {
        return device;
    }

    /** Intra-operator threads of libtorch, at least 1. */
    public int threads() {
        return threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    }

    public int httpPort() {
        return httpPort;
    }

    public String workerId() {
        return workerId;
    }

    /**
     * Sets tracing up, or not.
     *
     * @throws io.github.finetide.message.FaultException as {@link Tracing#open}
     */
    public Tracing tracing(String service) {
        return otel ? Tracing.open(service) : Tracing.OFF;
    }

    /** How long {@link Shutdown} lets the worker finish. */
    public Duration grace() {
        return grace;
    }

    private static String defaultWorkerId() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException unnamed) {
            host = "localhost";
        }
        return host.replaceAll("[^A-Za-z0-9._-]", "-") + "-"
                + ProcessHandle.current().pid();
    }
}
