package io.github.finetide.message;

/** An optimiser with PyTorch's parameters; those that its formula does not use are ignored. */
public record Optimizer(
        OptimizerName name,
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double weightDecay,
        double momentum,
        boolean nesterov) {

    public Optimizer {
        Check.notNegative("learningRate", learningRate);
        beta("beta1", beta1);
        beta("beta2", beta2);
        Check.notNegative("epsilon", epsilon);
        Check.notNegative("weightDecay", weightDecay);
        Check.notNegative("momentum", momentum);
        Check.require(!nesterov || momentum > 0, "nesterov", nesterov, "true only with momentum above 0");
    }

    private static void beta(String field, double value) {
        Check.require(value >= 0 && value < 1, field, value, "0 or more, below 1");
    }
}
