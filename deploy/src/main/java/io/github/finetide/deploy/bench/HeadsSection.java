package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.WorkerProcess;
import io.github.finetide.deploy.bench.Figure.Unit;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Consumer;

/**
 * One model, and fifty that differ in their heads: time and memory of a worker, in turns.
 *
 * <p>See RATIONALE.md, Why are the fifty models copies of one checkpoint?
 */
final class HeadsSection {
    private static final int MODELS = 50;
    private static final int ROUNDS = 2;
    private static final int BATCH = 32;
    private static final int LEAD = 2 * BATCH;
    private static final int TIMED = 6 * BATCH;
    private static final int REST = 3 * BATCH;

    private static final Path JCMD = Path.of(System.getProperty("java.home"), "bin", "jcmd");

    /** Another thread does what follows a collection. */
    private static final Duration UNMAPPING = Duration.ofSeconds(1);

    static final String ONE = "fleet.oneModel";
    static final String FIFTY = "fleet.fiftyModels";

    private final BenchSite site;
    private final Results results;
    private final Turns turns = new Turns();

    /** The least of all turns. */
    static final class Turns {
        private final Map<String, Double> seconds = new LinkedHashMap<>();
        private final Map<String, Double> megabytes = new LinkedHashMap<>();

        /** @param residentMegabytes empty where it cannot be measured */
        void add(String name, double secondsAnImage, OptionalDouble residentMegabytes) {
            seconds.merge(name, secondsAnImage, Math::min);
            residentMegabytes.ifPresent(most -> megabytes.merge(name, most, Math::min));
        }

        void report(Results results) {
            seconds.forEach((name, each) -> results.add(name, 1 / each, Unit.IMAGES_PER_SECOND));
            if (megabytes.isEmpty()) {
                results.absent(
                        "fleet.residentSet", "this Java has no jcmd, to have a worker collect its garbage first");
            }
            megabytes.forEach((name, most) -> results.add(name + ".residentSet", most, Unit.MEGABYTES));
        }
    }

    HeadsSection(BenchSite site, Results results) {
        this.site = site;
        this.results = results;
    }

    void run(ModelRelease release, BenchImages images, Consumer<String> report)
            throws IOException, InterruptedException {
        List<ModelRelease> releases = new ArrayList<>(List.of(release));
        releases.addAll(ServedModel.copies(site, release, MODELS - 1));
        try (ServingCluster cluster = ServingCluster.start(site)) {
            releases.forEach(cluster::release);
            for (int round = 1; round <= ROUNDS; round++) {
                report.accept("Fleet, a model");
                turn(ONE, cluster, List.of(release), images);
                report.accept("Fleet, %d models".formatted(MODELS));
                turn(FIFTY, cluster, releases, images);
            }
        }
        turns.report(results);
    }

    private void turn(String name, ServingCluster cluster, List<ModelRelease> releases, BenchImages images)
            throws IOException, InterruptedException {
        List<String> models = releases.stream().map(ModelRelease::model).toList();
        List<String> options =
                new ArrayList<>(List.of("--precision", site.fastest().wire(), "--models"));
        options.addAll(models);
        try (Traffic traffic = cluster.traffic(images.files(), models)) {
            WorkerProcess worker = cluster.serve(name, Map.of(), options);
            for (ModelRelease release : releases) {
                cluster.awaitVersion(release.version());
            }
            double each = traffic.secondsAnImage(LEAD, TIMED, REST);
            turns.add(
                    name,
                    each,
                    Files.isExecutable(JCMD) ? OptionalDouble.of(resident(worker)) : OptionalDouble.empty());
        } finally {
            cluster.stopWorkers();
        }
    }

    /**
     * Resident megabytes after a collection. What the file of the weights was mapped to stays mapped until the collector
     * finds out, which is chance; it is four times as much as all heads.
     */
    private static double resident(WorkerProcess worker) throws IOException, InterruptedException {
        Process collection = new ProcessBuilder(JCMD.toString(), String.valueOf(worker.pid()), "GC.run")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (collection.waitFor() != 0) {
            throw new CommandFailure(JCMD + " could not have a worker collect its garbage");
        }
        Traffic.idle(UNMAPPING);
        return Soak.resident(worker);
    }
}
