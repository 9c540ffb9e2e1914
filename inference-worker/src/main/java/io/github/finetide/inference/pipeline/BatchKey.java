package io.github.finetide.inference.pipeline;

import io.github.finetide.inference.model.Backbone;

/** What one forward pass can take together: images of one size for one backbone. */
public record BatchKey(Backbone backbone, int imageSize) {}
