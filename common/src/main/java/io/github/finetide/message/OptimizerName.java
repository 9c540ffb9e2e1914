package io.github.finetide.message;

/** PyTorch's optimisers of the same names. */
public enum OptimizerName implements WireName {
    ADAM,
    ADAMW,
    SGD
}
