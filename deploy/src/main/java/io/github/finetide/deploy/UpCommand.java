package io.github.finetide.deploy;

import io.github.finetide.deploy.local.Ports;
import io.github.finetide.options.CommandLines;
import io.github.finetide.options.DataRoots;
import io.github.finetide.options.OptionTypes;
import io.github.finetide.options.StoreLocation;
import io.github.finetide.options.Verbosity;
import io.github.finetide.options.WorkerOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A local cluster to develop against. */
@Command(
        name = "up",
        description = "Starts Kafka, one trainer and two inference workers on this machine, until Ctrl-C.")
final class UpCommand implements Callable<Integer> {
    private static final List<Integer> HTTP_PORTS = List.of(9400, 9401, 9402);

    @Mixin
    Verbosity verbosity = new Verbosity();

    @Option(
            names = "--port",
            converter = OptionTypes.Port.class,
            description = "Kafka's port; 0 takes a free one (default: ${DEFAULT-VALUE}).")
    private int port = 9092;

    @Option(
            names = "--data-root",
            paramLabel = "PATH",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Where file: URIs of jobs and requests may point; repeatable (default: this folder).")
    private List<Path> dataRoots = new ArrayList<>();

    @Option(
            names = "--allow-host",
            paramLabel = "HOST",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Where http: and https: URIs may point; repeatable (default: nowhere).")
    private List<String> allowedHosts = new ArrayList<>();

    @Option(
            names = "--allow-bucket",
            paramLabel = "BUCKET[/PREFIX]",
            split = CommandLines.SEPARATOR,
            hideParamSyntax = true,
            description = "Where s3: URIs of jobs and requests may point; repeatable (default: nowhere).")
    private List<String> allowedBuckets = new ArrayList<>();

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--store",
            paramLabel = "URI",
            converter = StoreLocation.class,
            description = "Where checkpoints go: a folder, file: or s3://bucket/prefix (default: ./finetide-store).")
    private URI store = Path.of("finetide-store").toAbsolutePath().toUri();

    @Option(
            names = "--weights-cache",
            paramLabel = "PATH",
            description = "Where starting weights are kept (default: ~/.cache/finetide).")
    private Path weightsCache = WorkerOptions.defaultWeightsCache();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Kafka's data and all logs (default: ./${DEFAULT-VALUE}).")
    private Path data = Path.of("finetide-data");

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() throws IOException, InterruptedException {
        LocalCluster.Settings settings = settings();
        LocalCluster cluster = LocalCluster.start(settings, screen);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(cluster)));
        screen.line("Store       %s", settings.store());
        screen.line("Logs        %s", settings.logs());
        screen.line("");
        screen.line("Ready. In another terminal: finetide train JOB.json, finetide classify IMAGE, finetide watch");
        screen.line("Ctrl-C stops everything; data and checkpoints stay.");
        cluster.supervise(screen);
        return 0;
    }

    private LocalCluster.Settings settings() {
        DataRoots.require(spec.commandLine(), dataRoots);
        List<Path> roots = dataRoots.isEmpty() ? List.of(Path.of("")) : dataRoots;
        return new LocalCluster.Settings(
                port,
                data.toAbsolutePath(),
                store,
                roots.stream().map(Path::toAbsolutePath).map(Path::normalize).toList(),
                allowedHosts,
                allowedBuckets,
                weightsCache.toAbsolutePath(),
                HTTP_PORTS.stream().flatMap(UpCommand::freePort).toList());
    }

    /** The contract's port, or any other where somebody has it already. */
    private static Stream<Integer> freePort(int wanted) {
        return Stream.of(Ports.isFree(wanted) ? wanted : Ports.reserve());
    }

    private void stop(LocalCluster cluster) {
        screen.line("Stopping ...");
        cluster.close();
        screen.line("Stopped.");
    }
}
