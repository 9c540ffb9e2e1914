package io.github.finetide.message;

/** An enum constant with its spelling in JSON. */
public interface WireName {
    /** The spelling in JSON, metrics and headers. */
    String wire();
}
