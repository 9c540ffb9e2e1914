package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import io.github.finetide.message.Trainable;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.network.Network;
import io.github.finetide.trainer.data.Batch;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One batch in the network: {@link #forward} and {@link #loss}, and in training {@link #backward} and {@link #update}
 * after them, once each and in this order. Its arrays end when it is closed.
 */
public final class BatchStep implements AutoCloseable {
    private final TrainingJob job;
    private final Network network;
    private final Criterion criterion;
    private final UpdateRule rule;
    private final Batch batch;
    private final boolean trains;
    private final NDManager scope;
    private final long began = System.nanoTime();
    private long lossComputed;
    private long updateBegan;
    private @Nullable NDArray features;
    private @Nullable GradientCollector gradients;

    /** @param trains whether gradients are collected and batch norm does what the job says, else it evaluates */
    BatchStep(TrainingJob job, Network network, Criterion criterion, UpdateRule rule, Batch batch, boolean trains) {
        this.job = job;
        this.network = network;
        this.criterion = criterion;
        this.rule = rule;
        this.batch = batch;
        this.trains = trains;
        this.scope = network.scope();
    }

    /** Computes logits, fp32 {@code [n, classes]}. */
    public NDArray forward() {
        NDArray input = Inputs.onDevice(network, batch, scope);
        boolean trainsHeadOnly = job.trainable() == Trainable.HEAD;
        NDArray fixed = trainsHeadOnly || !trains ? features(input) : null;
        if (trains) {
            gradients = network.gradients();
        }
        NDArray seenByHead = fixed == null ? features(input) : fixed;
        features = seenByHead;
        return network.head(seenByHead);
    }

    private NDArray features(NDArray input) {
        boolean batchStatistics = trains && Learner.batchStatistics(job);
        return batch.hasFeatures() ? input : network.features(input, batchStatistics);
    }

    /** Computes the loss, a scalar; smoothed and weighted in evaluation, too, as in PyTorch's scripts. */
    public NDArray loss(NDArray logits) {
        NDArray loss = criterion.of(logits, Inputs.labels(network, batch, scope));
        lossComputed = System.nanoTime();
        return loss;
    }

    /** Computes the gradients of what trains. */
    public void backward(NDArray loss) {
        try (GradientCollector open = Objects.requireNonNull(gradients, "forward comes first, in training")) {
            open.backward(loss);
        }
        gradients = null;
    }

    /** Moves the parameters by their gradients, and sets those to 0. */
    public void update(double learningRate) {
        updateBegan = System.nanoTime();
        rule.step(learningRate);
    }

    /** What the head has seen, {@code [n, featureCount]}. */
    NDArray features() {
        return Objects.requireNonNull(features, "forward comes first");
    }

    int[] labels() {
        return batch.labels();
    }

    /** Returns how long each phase took so far; nothing was waited for. */
    public StepTimes times() {
        long forward = lossComputed - began;
        return updateBegan == 0
                ? new StepTimes(0, forward, 0, 0)
                : new StepTimes(0, forward, updateBegan - lossComputed, System.nanoTime() - updateBegan);
    }

    @Override
    public void close() {
        if (gradients != null) {
            gradients.close();
        }
        scope.close();
    }
}
