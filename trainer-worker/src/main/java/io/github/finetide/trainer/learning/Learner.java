package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
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
import org.jspecify.annotations.Nullable;

/** A network and the rule by which it learns: what is done with one batch. */
public final class Learner implements AutoCloseable {
    private final TrainingJob job;
    private final Network network;
    private final NDManager memory;
    private final UpdateRule rule;
    private final Optional<ActivationRanges> ranges;
    private final boolean ownsNetwork;
    private final Criterion criterion;

    /**
     * Takes the network over, to be closed with this.
     *
     * @param ranges of the activations, where the network was opened with them
     * @param classWeights what each class counts in the loss; null where all count alike
     */
    public Learner(
            TrainingJob job, Network network, Optional<ActivationRanges> ranges, double @Nullable [] classWeights) {
        this(job, network, ranges, classWeights, true);
    }

    private Learner(
            TrainingJob job,
            Network network,
            Optional<ActivationRanges> ranges,
            double @Nullable [] classWeights,
            boolean ownsNetwork) {
        this.job = job;
        this.ownsNetwork = ownsNetwork;
        this.network = network;
        this.ranges = ranges;
        network.trains(job.trainable());
        memory = network.scope();
        criterion = new Criterion(network, job.labelSmoothing(), classWeights, memory);
        rule = UpdateRule.of(job.optimizer(), memory, network.trained());
    }

    /** Returns the head as it is now. */
    public StateDict head() {
        return network.snapshot(network.layout().head());
    }

    /**
     * Begins anew with the same network, whose head alone trains, by the rule of another job. One learner of a network may
     * be used at a time.
     *
     * @param head to start with
     * @param otherWeights what each class counts in the loss; null where all count alike
     */
    public Learner variant(TrainingJob other, StateDict head, double @Nullable [] otherWeights) {
        network.load(head);
        return new Learner(other, network, ranges, otherWeights, false);
    }

    /** Goes on with a head that this one's network had before, or another learner of it. */
    public void load(StateDict head) {
        network.load(head);
    }

    /** Returns logits {@code [n, classes]} of a batch of features, row by row. */
    public float[] logits(Batch batch) {
        try (NDManager scope = network.scope()) {
            return network.head(Inputs.onDevice(network, batch, scope)).toFloatArray();
        }
    }

    /** Whether an image's features are the same whenever they are computed: nothing before the head moves. */
    public static boolean fixedFeatures(TrainingJob job) {
        boolean frozen = job.batchNorm() == BatchNorm.FROZEN || job.network() == Architecture.CNN;
        return job.trainable() == Trainable.HEAD && frozen;
    }

    static boolean batchStatistics(TrainingJob job) {
        return job.batchNorm() == BatchNorm.UPDATE && job.network() != Architecture.CNN;
    }

    boolean usesBatchStatistics() {
        return batchStatistics(job);
    }

    /** Whether the backbone's parameters stay and its running statistics move. */
    public boolean movesStatisticsOnly() {
        return trainsHeadOnly() && usesBatchStatistics();
    }

    boolean trainsHeadOnly() {
        return job.trainable() == Trainable.HEAD;
    }

    /** Whether no image of the batch counts: the loss is 0 / 0 then, as PyTorch's. */
    boolean countsNothing(int[] labels) {
        return criterion.countsNothing(labels);
    }

    /** Whether no step changes anything. */
    boolean neverMoves() {
        return job.optimizer().learningRate() == 0;
    }

    /**
     * Collects the results of a training pass.
     *
     * @param batchesBefore how many batches of the epoch were trained before
     * @param scores is given each batch's results, in order; a loss that is not finite is NOT_FINITE instead
     */
    public DeferredBatchResults trainingResults(
            int epoch, int batchesBefore, Consumer<DeferredBatchResults.Reading> scores) {
        return results(new LossCheck(this, epoch, true, batchesBefore), scores);
    }

    /** As {@link #trainingResults}, of a validation pass from its first batch. */
    public DeferredBatchResults validationResults(int epoch, Consumer<DeferredBatchResults.Reading> scores) {
        return results(new LossCheck(this, epoch, false, 0), scores);
    }

    private DeferredBatchResults results(LossCheck check, Consumer<DeferredBatchResults.Reading> scores) {
        return new DeferredBatchResults(network.scope(), check.andThen(scores));
    }

    /** Begins a step of training: close it after the update. */
    public BatchStep trainingStep(Batch batch) {
        return new BatchStep(job, network, criterion, rule, batch, true);
    }

    /** Begins an evaluation, which ends with the loss: running statistics, no gradients. */
    public BatchStep evaluationStep(Batch batch) {
        return new BatchStep(job, network, criterion, rule, batch, false);
    }

    /** Returns the features of pixels, rows of floats in the machine's byte order; running statistics. */
    public ByteBuffer features(Batch batch) {
        try (NDManager scope = network.scope()) {
            return network.features(Inputs.onDevice(network, batch, scope), false)
                    .toByteBuffer();
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

    /** Returns the {@code features}, fp32 {@code [n, featureCount]}, of images uint8 {@code [n, edge, edge, 3]}. */
    public TensorData features(TensorData images) {
        try (NDManager scope = network.scope()) {
            return TensorBytes.data("features", network.exactFeatures(TensorBytes.array(images, scope)));
        }
    }

    /**
     * Whether these images' features are finite where nothing is folded or fused: a fused ReLU makes a NaN 0.
     *
     * @param images uint8 {@code [n, edge, edge, 3]}
     */
    public boolean givesFiniteFeatures(TensorData images) {
        return areFinite(network, images);
    }

    /** As {@link #givesFiniteFeatures}, of a network that is not frozen. */
    public static boolean areFinite(Network network, TensorData images) {
        try (NDManager scope = network.scope()) {
            NDArray features = network.referenceFeatures(TensorBytes.array(images, scope));
            return Float.isFinite(features.sum().getFloat());
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
        if (batchStatistics(job)) {
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
        if (ownsNetwork) {
            network.close();
        }
    }
}
