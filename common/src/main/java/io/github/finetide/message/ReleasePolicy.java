package io.github.finetide.message;

/** Which checkpoint is announced when a job ends. */
public enum ReleasePolicy implements WireName {
    BEST,
    LAST,
    NONE
}
