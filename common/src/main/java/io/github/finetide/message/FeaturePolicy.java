package io.github.finetide.message;

/**
 * How a job's features are computed.
 *
 * @param helpers whether other trainers may compute parts
 */
public record FeaturePolicy(boolean helpers) {}
