package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.WorkerProcess;
import io.github.finetide.deploy.bench.Figure.Unit;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One worker with one core, two workers with a core each, in turns. Broker and client may use any core. */
final class ScaleOutSection {
    static final String ONE = "fleet.oneWorker";
    static final String TWO = "fleet.twoWorkers";

    private static final int ROUNDS = 2;

    /** The worker's default. */
    private static final int BATCH = 32;

    /** Results of each worker before the clock starts, while it runs, and after: none runs out of work before. */
    private static final int LEAD = 2 * BATCH;

    private static final int TIMED = 6 * BATCH;
    private static final int REST = 3 * BATCH;

    private static final List<String> ONE_CORE = List.of("--threads", "1", "--decode-threads", "1");

    private final BenchSite site;
    private final Results results;
    private final Turns turns = new Turns();

    /** The fastest of all turns, with what broker and client took in it. */
    static final class Turns {
        private record Turn(double secondsAnImage, double othersCores) {}

        private final Map<String, Turn> fastest = new LinkedHashMap<>();

        void add(String name, double secondsAnImage, double othersCores) {
            fastest.merge(
                    name,
                    new Turn(secondsAnImage, othersCores),
                    (old, turn) -> turn.secondsAnImage < old.secondsAnImage ? turn : old);
        }

        void report(Results results) {
            fastest.forEach((name, turn) -> {
                results.add(name, 1 / turn.secondsAnImage, Unit.IMAGES_PER_SECOND);
                results.add(name + ".brokerAndClient", turn.othersCores, Unit.CORES);
            });
        }
    }

    ScaleOutSection(BenchSite site, Results results) {
        this.site = site;
        this.results = results;
    }

    void run(ModelRelease release, BenchImages images, Consumer<String> report)
            throws IOException, InterruptedException {
        List<Integer> processors = Processors.allowed();
        if (processors.size() < 2 || !Processors.canPin()) {
            results.absent(
                    TWO, processors.size() < 2 ? "this process may use one core only" : "there is no command taskset");
            return;
        }
        List<String> options = new ArrayList<>(ONE_CORE);
        options.addAll(List.of("--precision", site.fastest().wire()));
        try (ServingCluster cluster = ServingCluster.start(site);
                Traffic traffic = cluster.traffic(images.files())) {
            cluster.release(release);
            cluster.servePinned("core-a", processors.get(0), options);
            for (int round = 1; round <= ROUNDS; round++) {
                report.accept("Fleet, one worker on one core");
                measure(ONE, 1, cluster, release, traffic);
                report.accept("Fleet, two workers on a core each");
                WorkerProcess second = cluster.servePinned("core-b", processors.get(1), options);
                measure(TWO, 2, cluster, release, traffic);
                cluster.stop(second);
            }
        }
        turns.report(results);
    }

    private void measure(String name, int workers, ServingCluster cluster, ModelRelease release, Traffic traffic)
            throws IOException, InterruptedException {
        cluster.awaitVersion(release.version());
        cluster.awaitShares();
        double processorBefore = Processors.ownSeconds();
        long began = System.nanoTime();
        double each = traffic.secondsAnImage(workers * LEAD, workers * TIMED, workers * REST);
        double cores = (Processors.ownSeconds() - processorBefore) / ((System.nanoTime() - began) / 1e9);
        turns.add(name, each, cores);
    }
}
