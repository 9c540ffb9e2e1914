package io.github.finetide.message;

/**
 * Where the last linear layer starts: a fresh one, or the one in the weights; of a model's, the rows of the classes that the job
 * has too.
 */
public enum Head implements WireName {
    NEW,
    PRETRAINED
}
