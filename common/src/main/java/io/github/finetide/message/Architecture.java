package io.github.finetide.message;

/** The networks a job can train (field {@code network}). */
public enum Architecture implements WireName {
    RESNET50,
    RESNET101,
    RESNET152,
    CNN
}
