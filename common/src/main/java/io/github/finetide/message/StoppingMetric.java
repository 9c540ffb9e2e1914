package io.github.finetide.message;

/** What early stopping watches on the validation set. */
public enum StoppingMetric implements WireName {
    ACCURACY,
    LOSS
}
