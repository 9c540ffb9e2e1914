package io.github.finetide.trainer.learning;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Optimizer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Changes parameters by their gradients as {@code torch.optim} does, with everything it remembers open
 * to be saved and restored bit for bit. Stays on the parameters' device.
 */
abstract class UpdateRule implements AutoCloseable {
    final Optimizer settings;
    final NDManager manager;
    private final NDManager host;
    private final Map<String, NDArray> parameters;
    private final Map<String, NDArray> memory = new LinkedHashMap<>();
    private long steps;

    UpdateRule(Optimizer settings, NDManager parent, Map<String, NDArray> parameters) {
        this.settings = settings;
        this.manager = parent.newSubManager();
        this.host = parent.getEngine().newBaseManager(Device.cpu());
        this.parameters = parameters;
    }

    /** Makes the rule that the settings name; parent's sub-manager owns what it remembers. */
    static UpdateRule of(Optimizer settings, NDManager parent, Map<String, NDArray> parameters) {
        return switch (settings.name()) {
            case ADAM -> new Adam(settings, parent, parameters, false);
            case ADAMW -> new Adam(settings, parent, parameters, true);
            case SGD -> new Sgd(settings, parent, parameters);
        };
    }

    /** Uses the gradients of all parameters, then sets them to 0. */
    final void step(double learningRate) {
        steps++;
        update(parameters, learningRate);
    }

    /** Changes the parameters by their gradients, and sets those to 0. */
    abstract void update(Map<String, NDArray> all, double learningRate);

    /** How often {@link #step} was called since the job's beginning. */
    final long steps() {
        return steps;
    }

    /** The live moments by name, {@code exp_avg/fc.weight} for example. */
    final Map<String, NDArray> memory() {
        return memory;
    }

    /** Counts on from a saved state whose moments the caller puts into {@link #memory()}. */
    final void resumeAt(long doneSteps) {
        steps = doneSteps;
    }

    /** Makes a moment of zeros for every parameter, and returns them by the parameters' names. */
    final Map<String, NDArray> remember(String kind) {
        Map<String, NDArray> moments = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> {
            NDArray moment = manager.zeros(parameter.getShape(), parameter.getDataType(), parameter.getDevice());
            moments.put(name, moment);
            memory.put(kind + "/" + name, moment);
        });
        return moments;
    }

    final NDArray remembered(String kind, String name) {
        NDArray moment = memory.get(kind + "/" + name);
        if (moment == null) {
            throw new IllegalArgumentException("no " + kind + " of " + name);
        }
        return moment;
    }

    /** value += factor * other. */
    final void addScaled(NDArray value, NDArray other, double factor) {
        try (NDArray number = number(factor);
                NDArray scaled = other.mul(number)) {
            value.addi(scaled);
        }
    }

    /** value *= factor. */
    final void scale(NDArray value, double factor) {
        try (NDArray number = number(factor)) {
            value.muli(number);
        }
    }

    /** A number on the processor, which a GPU takes as it is: a copy to the GPU would make the processor wait. */
    final NDArray number(double value) {
        return host.create(value);
    }

    @Override
    public void close() {
        manager.close();
        host.close();
    }
}
