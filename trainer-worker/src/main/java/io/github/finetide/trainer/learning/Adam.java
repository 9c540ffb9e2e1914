package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Optimizer;
import java.util.Map;

/**
 * {@code torch.optim.Adam} (weight decay added to the gradient) and {@code torch.optim.AdamW}
 * (decoupled: the parameter shrinks by itself). With bias corrections c1 = 1 - beta1^t and c2 = 1 -
 * beta2^t, epsilon stands outside the corrected root:
 *
 * <pre>{@code
 * m = beta1 m + (1 - beta1) g;  v = beta2 v + ((1 - beta2) g) g
 * p += (-learningRate / c1 m) / (sqrt(v) / sqrt(c2) + epsilon)
 * }</pre>
 *
 * The parentheses are those of {@code addcmul_} and {@code addcdiv_}: g g alone is infinite from 1.8e19 on.
 */
final class Adam extends UpdateRule {
    private static final String MEAN = "exp_avg";
    private static final String SQUARE = "exp_avg_sq";

    private final boolean decoupled;

    Adam(Optimizer settings, NDManager parent, Map<String, NDArray> parameters, boolean decoupled) {
        super(settings, parent, parameters);
        this.decoupled = decoupled;
        remember(MEAN);
        remember(SQUARE);
    }

    @Override
    void update(String name, NDArray value, NDArray gradient, double learningRate) {
        decay(value, gradient, learningRate);
        NDArray mean = remembered(MEAN, name);
        NDArray square = remembered(SQUARE, name);
        scale(mean, settings.beta1());
        addScaled(mean, gradient, 1 - settings.beta1());
        scale(square, settings.beta2());
        addScaledSquare(square, gradient, 1 - settings.beta2());
        double correction1 = 1 - Math.pow(settings.beta1(), (double) steps());
        double correction2 = 1 - Math.pow(settings.beta2(), (double) steps());
        try (NDArray denominator = square.sqrt();
                NDArray divisor = number(Math.sqrt(correction2));
                NDArray epsilon = number(settings.epsilon());
                NDArray size = number(-learningRate / correction1);
                NDArray change = mean.mul(size)) {
            denominator.divi(divisor).addi(epsilon);
            value.addi(change.divi(denominator));
        }
    }

    /** value += (factor * other) * other. */
    private void addScaledSquare(NDArray value, NDArray other, double factor) {
        try (NDArray number = number(factor);
                NDArray scaled = other.mul(number)) {
            value.addi(scaled.muli(other));
        }
    }

    private void decay(NDArray value, NDArray gradient, double learningRate) {
        if (settings.weightDecay() == 0) {
            return;
        }
        if (decoupled) {
            scale(value, 1 - learningRate * settings.weightDecay());
        } else {
            addScaled(gradient, value, settings.weightDecay());
        }
    }
}
