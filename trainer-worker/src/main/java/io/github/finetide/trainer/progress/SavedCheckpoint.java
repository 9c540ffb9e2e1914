package io.github.finetide.trainer.progress;

import java.net.URI;

/**
 * A checkpoint that lies whole in the store.
 *
 * @param uri its folder
 * @param digest SHA-256 of its checkpoint.json, in hexadecimal
 * @param sizeBytes of all its files
 */
public record SavedCheckpoint(int epoch, URI uri, String digest, long sizeBytes) {}
