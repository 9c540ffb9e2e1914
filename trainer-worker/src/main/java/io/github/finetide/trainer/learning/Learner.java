package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Architecture;
import io.github.finetide.message.BatchNorm;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Trainable;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.ActivationRanges;
import io.github.finetide.network.Network;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.trainer.data.Batch;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** A network and the rule by which it learns: what is done with one batch. */
public final class Learner implements AutoCloseable {
    private final TrainingJob job;
    private final Network network;
    private final NDManager memory;
    private final UpdateRule rule;
    private final boolean batchStatistics;
    private final Optional<ActivationRanges> ranges;

    /**
     * Takes the network over, to be closed with this.
     *
     * @param ranges of the activations, where the network was opened with them
     */
    public Learner(TrainingJob job, Network network, Optional<ActivationRanges> ranges) {
        this.job = job;
        this.network = network;
        this.ranges = ranges;
        network.trains(job.trainable());
        memory = network.scope();
        rule = UpdateRule.of(job.optimizer(), memory, network.trained());
        batchStatistics = job.batchNorm() == BatchNorm.UPDATE;
    }

    /** Whether an image's features are the same whenever they are computed: nothing before the head moves. */
    public static boolean fixedFeatures(TrainingJob job) {
        boolean frozen = job.batchNorm() == BatchNorm.FROZEN || job.network() == Architecture.CNN;
        return job.trainable() == Trainable.HEAD && frozen;
    }

    public DeferredBatchResults readings(Consumer<DeferredBatchResults.Reading> consumer) {
        return new DeferredBatchResults(network.scope(), consumer);
    }

    /** Forward, loss, backward, update. */
    public StepTimes train(Batch batch, double learningRate, DeferredBatchResults readings) {
        try (NDManager scope = network.scope()) {
            long began = System.nanoTime();
            boolean headOnly = job.trainable() == Trainable.HEAD;
            NDArray input = input(batch, scope);
            NDArray labels = labels(batch, scope);
            NDArray fixed = headOnly ? features(batch, input, batchStatistics) : input;
            long forward;
            try (GradientCollector gradients = network.gradients()) {
                NDArray logits = headOnly ? network.head(fixed) : network.forward(input, batchStatistics);
                NDArray loss = network.crossEntropy(logits, labels, job.labelSmoothing());
                forward = System.nanoTime();
                gradients.backward(loss);
                readings.add(loss, logits, batch.labels());
            }
            long backward = System.nanoTime();
            rule.step(learningRate);
            return new StepTimes(0, forward - began, backward - forward, System.nanoTime() - backward);
        }
    }

    /** Forward and loss, with running statistics; the loss is smoothed as in training, as in PyTorch's scripts. */
    public StepTimes evaluate(Batch batch, DeferredBatchResults readings) {
        try (NDManager scope = network.scope()) {
            long began = System.nanoTime();
            NDArray logits = network.head(features(batch, input(batch, scope), false));
            NDArray loss = network.crossEntropy(logits, labels(batch, scope), job.labelSmoothing());
            readings.add(loss, logits, batch.labels());
            return new StepTimes(0, System.nanoTime() - began, 0, 0);
        }
    }

    /** Returns the features of pixels, rows of floats in the machine's byte order; running statistics. */
    public ByteBuffer features(Batch batch) {
        try (NDManager scope = network.scope()) {
            return network.features(input(batch, scope), false).toByteBuffer();
        }
    }

    /** What the layers that do not train are computed in; the job may have asked for another. */
    public Precision precision() {
        return network.precision();
    }

    /** The ranges of activations that a job in int8 goes on with wherever it is resumed. */
    public Optional<ActivationRanges> ranges() {
        return ranges;
    }

    public int featureCount() {
        return network.layout().featureCount();
    }

    private NDArray features(Batch batch, NDArray input, boolean byBatch) {
        return batch.hasFeatures() ? input : network.features(input, byBatch);
    }

    private NDArray input(Batch batch, NDManager scope) {
        try (NDManager host = network.hostScope()) {
            return network.onDevice(batch.input(host), scope);
        }
    }

    private NDArray labels(Batch batch, NDManager scope) {
        int[] labels = batch.labels();
        long[] wide = new long[labels.length];
        for (int i = 0; i < wide.length; i++) {
            wide[i] = labels[i];
        }
        try (NDManager host = network.hostScope()) {
            return network.onDevice(host.create(wide), scope);
        }
    }

    /** Returns the {@code features}, fp32 {@code [n, featureCount]}, of images uint8 {@code [n, edge, edge, 3]}. */
    public TensorData features(TensorData images) {
        try (NDManager scope = network.scope()) {
            return TensorBytes.data("features", network.features(TensorBytes.array(images, scope), false));
        }
    }

    /** Returns the {@code probabilities}, fp32 {@code [n, classes]}, of features. */
    public TensorData probabilities(TensorData features) {
        try (NDManager scope = network.scope()) {
            NDArray logits = network.head(TensorBytes.array(features, scope));
            return TensorBytes.data("probabilities", network.probabilities(logits));
        }
    }

    /** Returns the tensors that this job may have moved. */
    public StateDict moved() {
        Set<String> names = new LinkedHashSet<>(network.layout().head());
        names.addAll(network.layout().trained(job.trainable()));
        if (batchStatistics) {
            names.addAll(network.layout().runningStatistics());
        }
        return network.snapshot(names);
    }

    /** Returns what the optimiser remembers. */
    public StateDict optimizerState() {
        return TensorBytes.state(rule);
    }

    public void restoreOptimizer(StateDict state) {
        TensorBytes.restore(rule, state);
    }

    @Override
    public void close() {
        rule.close();
        memory.close();
        network.close();
    }
}
