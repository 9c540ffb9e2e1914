package io.github.finetide.trainer.training;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.confidence.ValidationLogits;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.Precision;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Network;
import io.github.finetide.network.NetworkOptions;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.trainer.data.Batch;
import io.github.finetide.trainer.data.BatchSampler;
import io.github.finetide.trainer.data.Batches;
import io.github.finetide.trainer.data.EpochOrder;
import io.github.finetide.trainer.learning.Learner;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What the model to be released says of validation images, in the job's own precision. Changes nothing. */
final class ReleaseLogits {
    /** One image more or less is a fifth of a point; 512 take int8 some 15 seconds, bf16 twice that. */
    static final int MAX_IMAGES = 512;

    /** Where features are there already, or the network is small, as many images as this many logits are: 128 MB. */
    private static final int MAX_LOGITS = 32 << 20;

    private static final int BATCH = 32;

    /** The epochs of training count from 1, and calibration has 0. */
    private static final int DRAW = -1;

    private final TrainingJob job;
    private final Device device;
    private final BatchSource source;

    ReleaseLogits(TrainingJob job, Device device, BatchSource source) {
        this.job = job;
        this.device = device;
        this.source = source;
    }

    /**
     * What came out.
     *
     * @param precision that it was computed in; the job's where that is to be had
     * @param pass over the images, in the logits' order
     */
    record Result(ValidationLogits logits, Precision precision, BatchSampler pass) {}

    /**
     * Computes them.
     *
     * @param weights all tensors of the model
     * @param ranges of activations, where the job runs in int8
     * @param afterEach run after each batch
     */
    Result run(StateDict weights, @Nullable ActivationRanges ranges, Runnable afterEach) {
        BatchSampler pass = pass();
        int classes = job.classes();
        float[] values = new float[Math.multiplyExact(pass.order().length, classes)];
        NetworkOptions options = new NetworkOptions(job.network(), job.precision(), device);
        try (Network network = Network.frozen(options, weights, ranges);
                Batches batches = source.validation(pass, (batch, count, size) -> afterEach.run())) {
            int at = 0;
            while (batches.hasNext()) {
                float[] rows = logits(network, batches);
                System.arraycopy(rows, 0, values, at, rows.length);
                at += rows.length;
                afterEach.run();
            }
            return new Result(
                    new ValidationLogits(values, classes, pass.labels(pass.order())), network.precision(), pass);
        }
    }

    private static float[] logits(Network network, Batches batches) {
        try (Batch batch = batches.next();
                NDManager scope = network.scope()) {
            NDArray input = batch.input(scope);
            NDArray features = batch.hasFeatures() ? input : network.features(input, false);
            return network.head(features).toFloatArray();
        }
    }

    /** Images from all over the set: a manifest often goes class by class. */
    private BatchSampler pass() {
        BatchSampler all = source.validationPass();
        int most = MAX_LOGITS / job.classes();
        boolean cheap = Learner.fixedFeatures(job) || job.network() == Architecture.CNN;
        int count = cheap ? most : Math.min(most, MAX_IMAGES);
        int[] order = EpochOrder.shuffled(all.order().length, job.seed(), DRAW);
        int[] some = Arrays.copyOf(order, Math.min(order.length, count));
        return new BatchSampler(all.images(), all.epoch(), some, BATCH);
    }
}
