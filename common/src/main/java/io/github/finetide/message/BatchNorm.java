package io.github.finetide.message;

/** Batch norm in training: batch statistics that move the running ones, or the running ones as they are. */
public enum BatchNorm implements WireName {
    UPDATE,
    FROZEN
}
