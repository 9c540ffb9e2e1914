package io.github.finetide.deploy.bench;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.deploy.bench.Figure.Unit;
import io.github.finetide.message.Precision;
import io.github.finetide.network.MatrixProduct;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The bare network by precision and batch, beside ONNX Runtime, PyTorch, DJL's blocks and matrix products. */
final class NetworkSection {
    private static final List<Integer> BATCHES = List.of(1, 8, 32);

    /** The ends: what lies between them is no news. */
    private static final List<Integer> QUICK_BATCHES = List.of(1, 32);

    /** A single image is over soon; more of them in a turn are disturbed less by the change of turns. */
    private static final int SINGLES = 8;

    private static final int ROUNDS = 3;

    private static final int BLOCKS_BATCH = 8;
    private static final int PRODUCTS = 8;

    /** ResNet152 at 256x256: 15.1 billion multiplications, each with an addition. */
    private static final double OPERATIONS_PER_IMAGE = 30.2e9;

    /** Other kernels add in another order; a wrong weight or transform is off by far more. */
    private static final double SAME_LOGITS = 0.01;

    private final BenchSite site;
    private final Results results;
    private final boolean quick;
    private final Map<String, Contestant> peers = new LinkedHashMap<>();

    NetworkSection(BenchSite site, Results results, boolean quick) {
        this.site = site;
        this.results = results;
        this.quick = quick;
    }

    void run(Consumer<String> report) {
        Contestant finetide = site.finetide("network");
        try {
            site.onnxRuntime(results).ifPresent(peer -> peers.put("onnxRuntime", peer));
            if (site.hasPyTorch() && !quick) {
                peers.put("pyTorch", site.pyTorch(PyTorchSettings.ALL_CORES));
            } else {
                results.absent(
                        "pyTorch",
                        quick ? "left out of a quick run" : "there is no python3 with torch and torchvision");
            }
            peers.forEach((name, peer) -> requireSameLogits(name, peer, finetide));
            for (int batch : quick ? QUICK_BATCHES : BATCHES) {
                report.accept("Network, batch " + batch);
                measure(finetide, batch);
            }
        } finally {
            finetide.close();
            peers.values().forEach(Contestant::close);
        }
    }

    private static void requireSameLogits(String name, Contestant peer, Contestant finetide) {
        List<Double> theirs = peer.ask("logits", "fp32").numbers();
        List<Double> ours = finetide.ask("logits", "fp32").numbers();
        double difference = difference(ours, theirs);
        if (!(difference <= SAME_LOGITS)) {
            throw new CommandFailure("%s computes another network: its logits are off by %.3g of the largest"
                    .formatted(name, difference));
        }
    }

    /** The largest difference over the largest value. */
    static double difference(List<Double> ours, List<Double> theirs) {
        if (ours.size() != theirs.size() || ours.isEmpty()) {
            return Double.NaN;
        }
        double off = 0;
        double largest = 0;
        for (int i = 0; i < ours.size(); i++) {
            off = Math.max(off, Math.abs(ours.get(i) - theirs.get(i)));
            largest = Math.max(largest, Math.abs(ours.get(i)));
        }
        return off / largest;
    }

    private void measure(Contestant finetide, int batch) {
        Rounds rounds = new Rounds();
        String images = String.valueOf(batch);
        String times = String.valueOf(batch == 1 ? SINGLES : 1);
        for (Precision precision : Precision.values()) {
            String name = "network." + precision.wire();
            rounds.add(name, () -> finetide.ask("forward", precision.wire(), images, times));
        }
        peers.forEach((name, peer) -> {
            rounds.add(name + ".fp32", () -> peer.ask("forward", "fp32", images, times));
        });
        boolean blocks = batch == BLOCKS_BATCH;
        Optional<Contestant> djl = blocks ? Optional.of(site.finetide("blocks")) : Optional.empty();
        djl.ifPresent(peer -> rounds.add("djlBlocks.fp32", () -> peer.ask("blocks", "fp32", images, "1")));
        if (batch == BATCHES.get(BATCHES.size() - 1)) {
            products(rounds, finetide);
        }
        run(rounds);
        djl.ifPresent(Contestant::close);
        rounds.best().forEach((name, seconds) -> note(name, batch, seconds));
        rounds.refusals().forEach(results::absent);
    }

    /** The first of two rounds warms up, too: the best counts, and it will be the second one's. */
    private void run(Rounds rounds) {
        if (quick) {
            rounds.run(2);
        } else {
            rounds.warmedUp().run(ROUNDS);
        }
    }

    private static void products(Rounds rounds, Contestant finetide) {
        for (Precision precision : Precision.values()) {
            rounds.add(
                    "matrixProduct." + precision.wire(),
                    () -> finetide.ask("product", precision.wire(), String.valueOf(PRODUCTS)));
        }
    }

    private void note(String name, int batch, double seconds) {
        if (name.startsWith("matrixProduct.")) {
            double perSecond = MatrixProduct.operations() / seconds;
            results.add(name, perSecond / 1e9, Unit.GIGAFLOPS);
            results.add(name + ".limit", perSecond / OPERATIONS_PER_IMAGE, Unit.IMAGES_PER_SECOND);
        } else {
            results.add(name + ".batch" + batch, batch / seconds, Unit.IMAGES_PER_SECOND);
        }
    }
}
