package io.github.finetide.message;

import java.net.URI;

/**
 * The checkpoint that {@code model:} weights of a job mean, for all its attempts.
 *
 * @param version {@code <jobId>@<epoch>}
 * @param uri the checkpoint's folder
 * @param digest SHA-256 of its checkpoint.json
 */
public record WeightsFrom(String model, String version, URI uri, String digest) {
    public WeightsFrom {
        Check.id("weightsFrom.model", model);
        ModelRelease.checkVersion("weightsFrom.version", version);
        Check.uri("weightsFrom.uri", uri, ModelRelease.SCHEMES);
        Check.sha256("weightsFrom.digest", digest);
    }

    /** What a release means. */
    public static WeightsFrom of(ModelRelease release) {
        return new WeightsFrom(release.model(), release.version(), release.uri(), release.digest());
    }
}
