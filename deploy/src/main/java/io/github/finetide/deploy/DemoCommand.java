package io.github.finetide.deploy;

import io.github.finetide.deploy.sample.SampleImages;
import io.github.finetide.options.Verbosity;
import io.github.finetide.options.WorkerOptions;
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

/** The whole pipeline on sample images, with two networks, in some minutes. */
@Command(
        name = "demo",
        description =
                "Shows everything on this machine: Kafka, one trainer and two inference workers; trains a small network"
                        + " and ResNet152's last layer on sample images and classifies others with both, all through"
                        + " the topics. Takes minutes.")
final class DemoCommand implements Callable<Integer> {
    private static final SampleImages.Counts IMAGES = new SampleImages.Counts(30, 10, 2);
    private static final List<Integer> ANY_PORTS = List.of(0, 0, 0);

    @Option(names = "--keep", description = "Stay up when all is done, until Ctrl-C.")
    private boolean keep;

    @Option(
            names = "--weights-cache",
            paramLabel = "PATH",
            description = "Where starting weights are kept (default: ~/.cache/finetide).")
    private Path weightsCache = WorkerOptions.defaultWeightsCache();

    @Mixin
    Verbosity verbosity = new Verbosity();

    private final Screen screen = Screen.ofProcess();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant start = Instant.now();
        Path folder = Files.createTempDirectory("finetide-demo-").toRealPath();
        screen.line("All of this demo stays in %s", folder);
        SampleImages images = SampleImages.write(folder.resolve("images"), 1, IMAGES);
        screen.line("%-11s %s: %s", "Images", "20 kinds of dishes, drawn by this program", images.trainFolder());
        DemoWeights weights = DemoWeights.find(weightsCache);
        screen.line("%-11s %s", "ResNet152", weights.explanation());
        List<Demo.Part> parts = List.of(
                new Demo.Part(
                        DemoJob.small(images),
                        "small network",
                        "1. A small network, all of it trained on these drawings, from nothing"),
                new Demo.Part(
                        DemoJob.resnet(images, weights.name()),
                        "ResNet152",
                        "2. ResNet152, only its last layer trained, on features from " + weights.origin()));
        for (Demo.Part part : parts) { // for its reader to change and send again
            Files.writeString(folder.resolve(part.job().jobId() + ".json"), part.json());
        }
        try (LocalCluster cluster = LocalCluster.start(settings(folder), screen)) {
            Thread stop = new Thread(cluster::close);
            Runtime.getRuntime().addShutdownHook(stop);
            new Demo(cluster, screen).run(parts, images);
            report(folder, parts, cluster);
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

    /** Where to look next; a report without pictures is a fault. */
    private void report(Path folder, List<Demo.Part> parts, LocalCluster cluster) throws IOException {
        screen.line("");
        screen.line("Open in a browser, for curves, confusions, and images to look at:");
        for (Demo.Part part : parts) {
            Path report = folder.resolve("store").resolve(part.job().jobId()).resolve("report.html");
            if (!Files.readString(report).contains("<img ")) {
                throw new CommandFailure("the report has no pictures: " + report);
            }
            screen.line("%-11s %s", "Report", report.toUri());
        }
        screen.line("%-11s %s", "Jobs", folder.resolve("demo-*.json"));
        screen.line("%-11s %s", "Logs", folder.resolve("logs"));
        if (keep) {
            cluster.workers().forEach(worker -> screen.line("%-11s %s", "Metrics", worker.metrics()));
        }
    }
}
