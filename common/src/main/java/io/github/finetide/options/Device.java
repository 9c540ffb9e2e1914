package io.github.finetide.options;

/** Where the network runs; {@code AUTO} takes a GPU where libtorch sees one. */
public enum Device {
    AUTO,
    CPU,
    GPU
}
