package io.github.finetide.message;

/** Which training images an epoch sees. */
public enum Sampling implements WireName {
    /** Every image once. */
    ALL,
    /** As many draws as images, with replacement, every class that has images equally likely. */
    BALANCED
}
