package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.bench.Figure.Unit;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.Precision;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** From a request on its topic to its result on another, with one worker; beside it the bare network. */
final class EndToEndSection {
    /** The worker's default. */
    private static final int BATCH = 32;

    /** What a single request may take beyond the bare network: the worker's default wait for a batch, and 15 ms. */
    private static final double ALLOWED_MILLIS = 20 + 15;

    /** Batches before the clock starts: the first ones wait for the decoders. */
    private static final int LEAD_BATCHES = 2;

    /**
     * Before the first round, where there is time: about two minutes. A worker lives for days, and the JVM's compiler, which
     * takes the same cores at first, from the bare network too, is given time to finish.
     */
    private static final int WARM_UP_BATCHES = 72;

    private static final int QUICK_WARM_UP_BATCHES = 4;

    /** Batches after the clock has stopped: as many as a worker has in hand. */
    private static final int REST_BATCHES = 5;

    /** In the precision that a worker takes by itself; the others have a round each, and no aim. */
    private static final int ROUNDS = 4;

    private static final Duration BETWEEN_SINGLES = Duration.ofMillis(200);

    private final BenchSite site;
    private final Results results;
    private final boolean quick;

    EndToEndSection(BenchSite site, Results results, boolean quick) {
        this.site = site;
        this.results = results;
        this.quick = quick;
    }

    void run(ModelRelease release, BenchImages images, Consumer<String> report)
            throws IOException, InterruptedException {
        try (Contestant bare = site.finetide("bare");
                ServingCluster cluster = ServingCluster.start(site)) {
            List<Precision> precisions = precisions(bare);
            Precision fastest = precisions.get(precisions.size() - 1);
            cluster.release(release);
            for (Precision precision : precisions) {
                report.accept("End to end, " + precision.wire());
                try (Traffic traffic = cluster.traffic(images.files())) {
                    cluster.serve("worker-" + precision.wire(), Map.of(), List.of("--precision", precision.wire()));
                    cluster.awaitVersion(release.version());
                    measure(precision, precision == fastest, bare, traffic);
                } finally {
                    cluster.stopWorkers();
                }
            }
            fastest(fastest);
        }
    }

    /** All that this machine has, or the last, which is the fastest. */
    private List<Precision> precisions(Contestant bare) {
        List<Precision> available = new ArrayList<>();
        for (Precision precision : Precision.values()) {
            Answer answer = bare.ask("forward", precision.wire(), "1", "1");
            if (answer.isRefusal()) {
                results.absent("endToEnd." + precision.wire(), answer.refusal());
            } else {
                available.add(precision);
            }
        }
        return quick ? available.subList(available.size() - 1, available.size()) : available;
    }

    private void measure(Precision precision, boolean isFastest, Contestant bare, Traffic traffic) {
        String name = "endToEnd." + precision.wire();
        int batches = batches(precision);
        if (isFastest) {
            traffic.wave((quick ? QUICK_WARM_UP_BATCHES : WARM_UP_BATCHES) * BATCH);
        }
        Rounds rounds = new Rounds();
        rounds.add(name + ".network", () -> mean(bare.ask("forward", precision.wire(), "" + BATCH, "" + batches)));
        rounds.add(
                name + ".batch" + BATCH,
                () -> Answer.of(
                        BATCH * traffic.secondsAnImage(LEAD_BATCHES * BATCH, batches * BATCH, REST_BATCHES * BATCH)));
        rounds.run(isFastest && !quick ? ROUNDS : 1);
        rounds.best().forEach((what, seconds) -> results.add(what, BATCH / seconds, Unit.IMAGES_PER_SECOND));
        latency(name, precision, bare, traffic);
    }

    /** Some seconds of work. */
    private int batches(Precision precision) {
        return switch (precision) {
            case FP32 -> 3;
            case BF16 -> 6;
            case INT8 -> quick ? 6 : 12;
        };
    }

    private void latency(String name, Precision precision, Contestant bare, Traffic traffic) {
        int singles = quick ? 10 : 20;
        List<Double> alone =
                bare.ask("forward", precision.wire(), "1", "" + singles).numbers();
        List<Double> whole = new ArrayList<>();
        for (int i = 0; i < singles; i++) {
            Traffic.idle(BETWEEN_SINGLES);
            whole.add(traffic.latency());
        }
        double network = median(alone) * 1000;
        double request = median(whole) * 1000;
        results.add(name + ".networkOfOne", network, Unit.MILLISECONDS);
        results.add(name + ".latency", request, Unit.MILLISECONDS);
        results.add(name + ".latencyAllowed", network + ALLOWED_MILLIS, Unit.MILLISECONDS);
    }

    private static Answer mean(Answer answer) {
        return answer.isRefusal()
                ? answer
                : Answer.of(answer.numbers().stream()
                        .mapToDouble(Double::doubleValue)
                        .average()
                        .orElseThrow());
    }

    static double median(List<Double> numbers) {
        List<Double> sorted = new ArrayList<>(numbers);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }

    /** What a worker takes here by itself, if the release allows it. */
    private void fastest(Precision precision) {
        for (String what : List.of(".batch" + BATCH, ".network", ".latency", ".latencyAllowed")) {
            Figure figure = results.figures().get("endToEnd." + precision.wire() + what);
            if (figure != null) {
                results.add("endToEnd.fastest" + what, figure.value(), figure.unit());
            }
        }
    }
}
