package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.WorkerProcess;
import io.github.finetide.deploy.bench.Figure.Unit;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** What a second worker brings, and what many models on one backbone cost. */
final class FleetSection {
    /** The worker's default. */
    private static final int BATCH = 32;

    private static final int MODELS = 50;
    private static final int ROUNDS = 2;
    private static final int CORES = 2;
    private static final Duration WORKER_START = Duration.ofMinutes(2);
    private static final int TASKSET_SECONDS = 10;

    /** One core each, so one thread for the network and one image decoded at a time. */
    private static final List<String> ONE_CORE = List.of("--threads", "1", "--decode-threads", "1");

    private final BenchSite site;
    private final Results results;

    FleetSection(BenchSite site, Results results) {
        this.site = site;
        this.results = results;
    }

    void run(BenchImages images, Consumer<String> tell) throws IOException, InterruptedException {
        tell.accept("Fleet, training the model to be served");
        ModelRelease release =
                ServedModel.train(site, images.manifest(), "frozen", 1, "").get(0);
        Precision precision = fastest();
        try (ServingCluster cluster = ServingCluster.start(site);
                Traffic traffic = cluster.traffic(images.files())) {
            cluster.release(release);
            if (canPin()) {
                tell.accept("Fleet, one worker on a core of its own, then two, in " + precision.wire());
                scaleOut(cluster, traffic, release, precision);
            } else {
                results.absent("fleet.twoWorkers", "there is no taskset here, or there are fewer than two cores");
            }
            tell.accept("Fleet, %d models on one backbone, in %s".formatted(MODELS, precision.wire()));
            models(cluster, traffic, release, precision);
        }
    }

    private Precision fastest() {
        try (Contestant finetide = site.finetide("fastest")) {
            return Precisions.fastest(finetide);
        }
    }

    private static boolean canPin() {
        return Runtime.getRuntime().availableProcessors() >= CORES && run("taskset", "--version");
    }

    private static boolean run(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(TASKSET_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** In turns: one, two, one, two. */
    private void scaleOut(ServingCluster cluster, Traffic traffic, ModelRelease release, Precision precision)
            throws IOException, InterruptedException {
        double one = 0;
        double two = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try {
                pinned(cluster, "core-0", 0, precision, release);
                one = Math.max(one, 1 / traffic.secondsAnImage(4 * BATCH, 6 * BATCH, 2 * BATCH));
                pinned(cluster, "core-1", 1, precision, release);
                two = Math.max(two, 1 / traffic.secondsAnImage(8 * BATCH, 12 * BATCH, 4 * BATCH));
            } finally {
                cluster.stopWorkers();
            }
        }
        results.add("fleet.oneWorker", one, Unit.IMAGES_PER_SECOND);
        results.add("fleet.twoWorkers", two, Unit.IMAGES_PER_SECOND);
    }

    private static void pinned(ServingCluster cluster, String name, int core, Precision precision, ModelRelease release)
            throws IOException, InterruptedException {
        List<String> options = new ArrayList<>(ONE_CORE);
        options.addAll(List.of("--precision", precision.wire()));
        WorkerProcess worker = cluster.serve(name, WorkerProcess.SHARED_MACHINE, options);
        if (!run("taskset", "-a", "-c", "-p", String.valueOf(core), String.valueOf(worker.pid()))) {
            throw new CommandFailure("taskset could not pin a worker to core " + core);
        }
        cluster.awaitVersion(release.version());
        worker.awaitReady(WORKER_START);
    }

    private void models(ServingCluster cluster, Traffic traffic, ModelRelease release, Precision precision)
            throws IOException, InterruptedException {
        List<String> names = IntStream.rangeClosed(1, MODELS)
                .mapToObj("model-%02d"::formatted)
                .toList();
        WorkerProcess worker = cluster.serve("models", Map.of(), List.of("--precision", precision.wire()));
        cluster.awaitVersion(release.version());
        worker.awaitReady(WORKER_START);
        traffic.ask(List.of(BenchJob.MODEL));
        seconds(traffic); // every buffer has its size then
        double before = resident(worker);
        for (ModelRelease copy : ServedModel.copies(site, names)) {
            cluster.release(copy);
            cluster.awaitVersion(copy.version());
        }
        Rounds rounds = new Rounds();
        rounds.add("fleet.oneModel", () -> {
            traffic.ask(List.of(BenchJob.MODEL));
            return Answer.of(seconds(traffic));
        });
        rounds.add("fleet.fiftyModels", () -> {
            traffic.ask(names);
            return Answer.of(seconds(traffic));
        });
        rounds.run(ROUNDS + 1);
        rounds.best().forEach((name, seconds) -> results.add(name, 1 / seconds, Unit.IMAGES_PER_SECOND));
        results.add("fleet.oneModel.residentSet", before, Unit.MEGABYTES);
        results.add("fleet.fiftyModels.residentSet", resident(worker), Unit.MEGABYTES);
    }

    private static double seconds(Traffic traffic) {
        return traffic.secondsAnImage(2 * BATCH, 8 * BATCH, 2 * BATCH);
    }

    private static double resident(WorkerProcess worker) throws IOException {
        return Soak.megabytes(Files.readAllLines(Path.of("/proc", String.valueOf(worker.pid()), "status")), "VmRSS");
    }
}
