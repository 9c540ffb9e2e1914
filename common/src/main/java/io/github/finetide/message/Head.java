package io.github.finetide.message;

/** Where the last linear layer starts: a fresh one, or the one in the weights. */
public enum Head implements WireName {
    NEW,
    PRETRAINED
}
