package io.github.finetide.trainer.learning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.github.finetide.message.Optimizer;
import io.github.finetide.network.AdamStep;
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
    private final AdamStep all;

    Adam(Optimizer settings, NDManager parent, Map<String, NDArray> parameters, boolean decoupled) {
        super(settings, parent, parameters);
        this.decoupled = decoupled;
        all = new AdamStep(manager, parameters, remember(MEAN), remember(SQUARE));
    }

    @Override
    void update(Map<String, NDArray> parameters, double learningRate) {
        double decay = settings.weightDecay();
        double correction1 = 1 - Math.pow(settings.beta1(), (double) steps());
        double correction2 = 1 - Math.pow(settings.beta2(), (double) steps());
        all.take(new AdamStep.Factors(
                settings.beta1(),
                settings.beta2(),
                settings.epsilon(),
                decoupled ? 0 : decay,
                decoupled ? 1 - learningRate * decay : 1,
                -learningRate / correction1,
                Math.sqrt(correction2)));
    }

    @Override
    public void close() {
        all.close();
        super.close();
    }
}
