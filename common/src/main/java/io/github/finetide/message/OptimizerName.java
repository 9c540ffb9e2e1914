package io.github.finetide.message;

/** PyTorch's optimisers of the same names. */
public enum OptimizerName implements WireName {
    ADAM("adam"),
    ADAMW("adamw"),
    SGD("sgd");

    private final String wire;

    OptimizerName(String wire) {
        this.wire = wire;
    }

    @Override
    public String wire() {
        return wire;
    }
}
