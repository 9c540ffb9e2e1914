package io.github.finetide.store;

import java.net.URI;

/**
 * A checkpoint that lies whole in a store.
 *
 * @param uri its folder
 * @param digest SHA-256 of its {@code checkpoint.json}, in lower-case hexadecimal
 * @param sizeBytes of all its files
 */
public record Saved(URI uri, String digest, long sizeBytes) {}
