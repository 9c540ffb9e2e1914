package io.github.finetide.trainer.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.FastPages;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.learning.TensorBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Measures a finished model in each precision that is faster than fp32 here: its accuracy, and how often its prediction equals
 * that of the job's own precision. The result depends on the job, the images and the weights alone.
 */
final class PrecisionTrial {
    private final TrainingJob job;
    private final Device device;
    private final BatchSource source;
    private final Calibrating calibrating;

    PrecisionTrial(TrainingJob job, Device device, BatchSource source, Calibrating calibrating) {
        this.job = job;
        this.device = device;
        this.source = source;
        this.calibrating = calibrating;
    }

    /**
     * The results.
     *
     * @param scores by the precision's name, the job's own among them; empty where no other one is fast
     * @param ranges measured for int8
     * @param golden {@code probabilities.<precision>} of the golden images, but for the job's own
     */
    record Result(Map<String, PrecisionScores> scores, Optional<ActivationRanges> ranges, StateDict golden) {
        /** Nothing was measured. */
        static Result none(Optional<ActivationRanges> known) {
            return new Result(Map.of(), known, StateDict.of(List.of()));
        }
    }

    /**
     * Measures.
     *
     * @param weights all tensors of the model
     * @param known ranges, where the job runs in int8
     * @param images golden ones, uint8 {@code [n, edge, edge, 3]}
     * @param own the logits of the job's own precision
     * @param afterEach run after each batch
     */
    Result run(
            StateDict weights,
            Optional<ActivationRanges> known,
            TensorData images,
            ReleaseLogits.Result own,
            Runnable afterEach) {
        Set<Precision> others = FastPages.fasterThanFp32(device);
        others.remove(job.precision());
        if (others.isEmpty() || job.network() == Architecture.CNN) { // which has no fast pages
            return Result.none(known);
        }
        Optional<ActivationRanges> ranges = others.contains(Precision.INT8)
                ? calibrating.ranges(options(Precision.INT8), weights, afterEach)
                : known;
        BatchSampler pass = first(own.pass());
        int[] predicted = IntStream.range(0, pass.order().length)
                .map(own.logits()::predicted)
                .toArray();
        Map<String, PrecisionScores> scores = new LinkedHashMap<>();
        scores.put(own.precision().wire(), scores(predicted, predicted, pass));
        others.remove(own.precision()); // where the job's own is not available
        List<TensorData> probabilities = new ArrayList<>();
        for (Precision precision : others) {
            try (Network network = Network.frozen(options(precision), weights, ranges.orElse(null));
                    Batches batches = source.validation(
                            pass, NetworkFeatures.of(network, weights, ranges), (b, n, i) -> afterEach.run())) {
                scores.put(precision.wire(), scores(predictions(network, batches, afterEach), predicted, pass));
                probabilities.add(probabilities(network, images));
            }
        }
        return new Result(scores, ranges, StateDict.of(probabilities));
    }

    private NetworkOptions options(Precision precision) {
        return new NetworkOptions(job.network(), precision, device);
    }

    private static BatchSampler first(BatchSampler all) {
        int[] some = Arrays.copyOf(all.order(), Math.min(all.order().length, ReleaseLogits.MAX_IMAGES));
        return new BatchSampler(all.images(), all.epoch(), some, all.batchSize());
    }

    private static int[] predictions(Network network, Batches batches, Runnable afterEach) {
        IntStream.Builder predicted = IntStream.builder();
        while (batches.hasNext()) {
            try (Batch batch = batches.next();
                    NDManager scope = network.scope()) {
                NDArray input = batch.input(scope);
                NDArray features = batch.hasFeatures() ? input : network.features(input, false);
                for (long best : network.head(features).argMax(1).toLongArray()) {
                    predicted.add((int) best);
                }
            }
            afterEach.run();
        }
        return predicted.build().toArray();
    }

    private static PrecisionScores scores(int[] predicted, int[] own, BatchSampler pass) {
        int[] labels = pass.labels(pass.order());
        return new PrecisionScores(shareOfSame(predicted, labels), shareOfSame(predicted, own));
    }

    private static double shareOfSame(int[] a, int[] b) {
        return (double) IntStream.range(0, a.length).filter(i -> a[i] == b[i]).count() / a.length;
    }

    private static TensorData probabilities(Network network, TensorData images) {
        try (NDManager scope = network.scope()) {
            NDArray logits = network.forward(TensorBytes.array(images, scope), false);
            String name = "probabilities." + network.precision().wire();
            return TensorBytes.data(name, network.probabilities(logits));
        }
    }
}
