package io.github.finetide.inference;

/** What one forward pass can take together: images of one size for one backbone. */
record Lane(Backbone backbone, int imageSize) {}
