package io.github.finetide.message;

/** How the learning rate moves from epoch to epoch. */
public enum ScheduleName implements WireName {
    CONSTANT,
    STEP,
    COSINE
}
