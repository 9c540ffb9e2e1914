package io.github.finetide.message;

/** What trains: the head; the last stage and the head; everything. */
public enum Trainable implements WireName {
    HEAD,
    LAYER4,
    ALL
}
