package io.github.finetide.message;

/** Whether the model is sure enough for what was asked; the predictions are published either way. */
public enum Decision implements WireName {
    ANSWERED,
    ABSTAINED
}
