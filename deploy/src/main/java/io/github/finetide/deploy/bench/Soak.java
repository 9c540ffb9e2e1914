package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.Screen;
import io.github.finetide.deploy.WorkerProcess;
import io.github.finetide.deploy.bench.Figure.Unit;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** One worker, many images, a new version now and then: does its memory stay what it was? */
final class Soak {
    static final int IMAGES = 50_000;

    /** Versions released while it works, two in turn, each with a backbone of its own. */
    private static final int SWAPS = 20;

    /** By then both versions have been loaded, and every buffer has had its size. */
    private static final int SETTLED = 4;

    private final BenchSite site;
    private final int images;
    private final Screen screen;

    Soak(BenchSite site, int images, Screen screen) {
        this.site = site;
        this.images = images;
        this.screen = screen;
    }

    void run(BenchImages photos, Results results) throws IOException, InterruptedException {
        screen.line("Training two versions ...");
        List<ModelRelease> releases = List.of(
                ServedModel.train(site, photos, "bench-soak-1", "update", ", \"seed\": 1"),
                ServedModel.train(site, photos, "bench-soak-2", "update", ", \"seed\": 2"));
        try (ServingCluster cluster = ServingCluster.start(site);
                Traffic traffic = cluster.traffic(photos.files())) {
            cluster.release(releases.get(0));
            WorkerProcess worker = cluster.serve("soak", Map.of(), List.of());
            cluster.awaitVersion(releases.get(0).version());
            long began = System.nanoTime();
            for (int swap = 1; swap <= SWAPS; swap++) {
                ModelRelease next = releases.get(swap % 2);
                cluster.release(next);
                traffic.wave(images / SWAPS);
                cluster.awaitVersion(next.version());
                note(results, worker, swap, (System.nanoTime() - began) / 1e9);
            }
        }
    }

    private void note(Results results, WorkerProcess worker, int swap, double seconds) throws IOException {
        double resident = resident(worker);
        int done = swap * (images / SWAPS);
        screen.line("%6.0f s  %6d images  %2d swaps  %5.0f MB resident", seconds, done, swap, resident);
        if (swap == SETTLED) {
            results.add("soak.residentSet.settled", resident, Unit.MEGABYTES);
        }
        if (swap == SWAPS) {
            results.add("soak.residentSet.end", resident, Unit.MEGABYTES);
            results.add("soak.imagesPerSecond", done / seconds, Unit.IMAGES_PER_SECOND);
        }
    }

    /** Megabytes of a worker that are in memory now. */
    static double resident(WorkerProcess worker) throws IOException {
        return megabytes(Files.readAllLines(Path.of("/proc", String.valueOf(worker.pid()), "status")), "VmRSS");
    }

    /** A value of a process's status file, which is in kilobytes. */
    static double megabytes(List<String> status, String name) {
        String kilobytes = MachineFacts.field(status, name).replaceAll("[^0-9]", "");
        if (kilobytes.isEmpty()) {
            throw new CommandFailure("this system does not report how much memory a process has");
        }
        return Double.parseDouble(kilobytes) / 1024;
    }
}
