package io.github.finetide.store;

/** A checkpoint in a store, with what it says of itself. */
public record Found(Saved saved, CheckpointManifest manifest) {}
