package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Optimizer;
import io.github.finetide.network.Gradients;
import java.util.Map;

/**
 * {@code torch.optim.SGD} without dampening: b = momentum b + g; p -= learningRate * (nesterov ? g +
 * momentum b : b). PyTorch starts with b = g, which is what b = 0 before the first step gives.
 */
final class Sgd extends UpdateRule {
    private static final String MOMENTUM = "momentum_buffer";

    Sgd(Optimizer settings, NDManager parent, Map<String, NDArray> parameters) {
        super(settings, parent, parameters);
        if (settings.momentum() != 0) {
            remember(MOMENTUM);
        }
    }

    @Override
    void update(Map<String, NDArray> all, double learningRate) {
        all.forEach((name, parameter) -> {
            // Detached, so that autograd never sees the change in place.
            try (NDArray value = parameter.stopGradient();
                    NDArray gradient = parameter.getGradient()) {
                update(name, value, gradient, learningRate);
            }
            Gradients.clear(parameter);
        });
    }

    private void update(String name, NDArray value, NDArray gradient, double learningRate) {
        if (settings.weightDecay() != 0) {
            addScaled(gradient, value, settings.weightDecay());
        }
        if (settings.momentum() == 0) {
            addScaled(value, gradient, -learningRate);
            return;
        }
        NDArray buffer = remembered(MOMENTUM, name);
        scale(buffer, settings.momentum());
        buffer.addi(gradient);
        if (settings.nesterov()) {
            addScaled(gradient, buffer, settings.momentum());
            addScaled(value, gradient, -learningRate);
        } else {
            addScaled(value, buffer, -learningRate);
        }
    }
}
