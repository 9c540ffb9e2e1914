package io.github.finetide.inference.model;

/** A model in memory, warmed up and checked: a head on a backbone. */
public interface LoadedModel extends AutoCloseable {
    ModelInfo info();

    Backbone backbone();

    Backbone.Head head();

    /** Of the head alone. */
    long headBytes();

    /** Frees the head, and the backbone with its last head. */
    @Override
    void close();
}
