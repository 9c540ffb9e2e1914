package io.github.finetide.deploy;

import io.github.finetide.deploy.sample.SampleImages;
import io.github.finetide.options.Verbosity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The whole pipeline once, on sample images, in about five minutes. */
@Command(
        name = "demo",
        description =
                "Shows everything on this machine: Kafka, one trainer and two inference workers; trains ResNet152 on"
                        + " sample images and classifies others, all through the topics. Takes minutes.")
final class DemoCommand implements Callable<Integer> {
    private static final SampleImages.Counts IMAGES = new SampleImages.Counts(15, 5, 2);
    private static final List<Integer> ANY_PORTS = List.of(0, 0, 0);

    @Option(names = "--keep", description = "Stay up when all is done, until Ctrl-C.")
    private boolean keep;

    @Option(
            names = "--weights-cache",
            paramLabel = "PATH",
            description = "Where starting weights are kept (default: ~/.cache/finetide).")
    private Path weightsCache = UpCommand.defaultWeightsCache();

    @Mixin
    Verbosity verbosity = new Verbosity();

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant start = Instant.now();
        Path folder = Files.createTempDirectory("finetide-demo-").toRealPath();
        screen.line("All of this demo stays in %s", folder);
        SampleImages images = SampleImages.write(folder.resolve("images"), 1, IMAGES);
        screen.line(
                "%-11s %d kinds of dishes, drawn by this program",
                "Images", SampleImages.classNames().size());
        DemoWeights weights = DemoWeights.find(weightsCache);
        screen.line("%-11s %s", "Weights", weights.explanation());
        String job = DemoJob.json(images, weights.name());
        Files.writeString(folder.resolve("job.json"), job); // for its reader to change and send again
        try (LocalCluster cluster = LocalCluster.start(settings(folder), screen)) {
            Thread stop = new Thread(cluster::close);
            Runtime.getRuntime().addShutdownHook(stop);
            new Demo(cluster, screen).run(job, images);
            report(folder, cluster);
            screen.line("Done in %s.", Texts.clock(Duration.between(start, Instant.now())));
            if (keep) {
                screen.line(
                        "Kafka stays up at %s until Ctrl-C.", cluster.kafka().bootstrapServers());
                cluster.supervise(screen);
            }
            Runtime.getRuntime().removeShutdownHook(stop);
        }
        return 0;
    }

    private LocalCluster.Settings settings(Path folder) {
        return new LocalCluster.Settings(
                0,
                folder,
                folder.resolve("store").toUri(),
                List.of(folder),
                List.of(),
                List.of(),
                weightsCache.toAbsolutePath(),
                ANY_PORTS);
    }

    private void report(Path folder, LocalCluster cluster) {
        Path report = folder.resolve("store").resolve("demo").resolve("report.html");
        screen.line("");
        if (Files.exists(report)) {
            screen.line("%-11s %s", "Report", report.toUri());
        }
        screen.line("%-11s %s", "Job", folder.resolve("job.json"));
        screen.line("%-11s %s", "Logs", folder.resolve("logs"));
        if (keep) {
            cluster.workers().forEach(worker -> screen.line("%-11s %s", "Metrics", worker.metrics()));
        }
    }
}
