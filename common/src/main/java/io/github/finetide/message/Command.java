package io.github.finetide.message;

/** What a user can ask of a job. */
public enum Command implements WireName {
    CANCEL,
    PAUSE,
    RESUME,
    CHECKPOINT
}
