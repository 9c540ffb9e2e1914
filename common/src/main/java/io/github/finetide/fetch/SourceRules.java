package io.github.finetide.fetch;

import io.github.finetide.image.ImageLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What image URIs may reach, and for how long.
 *
 * @param dataRoots folders {@code file:} URIs may point into; none: no {@code file:} URI is read
 * @param allowedHosts hosts {@code http(s):} URIs may point to, with or without a port, or {@code *.domain} for all below
 *     it; none: no such URI is read. An address or a block of addresses ({@code 10.0.0.0/8}) also permits private
 *     addresses in it, which are refused otherwise
 * @param allowedBuckets buckets, or {@code bucket/folder}, that {@code s3:} URIs may point to; none: no such URI is read
 * @param maxBytes of one answer
 * @param maxManifestBytes of a list of images, which may be longer than an image
 * @param connectTimeout to reach a host
 * @param totalTimeout for one attempt, redirects and body and all
 */
public record SourceRules(
        List<Path> dataRoots,
        List<String> allowedHosts,
        List<String> allowedBuckets,
        long maxBytes,
        long maxManifestBytes,
        Duration connectTimeout,
        Duration totalTimeout) {
    /** ImageNet's list has 85 MB; held as bytes while it is read. */
    public static final long MAX_MANIFEST_BYTES = 256L << 20;

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5); // a host in reach answers in one second
    private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(30); // 64 MiB at 2 MiB a second

    public SourceRules {
        dataRoots = List.copyOf(dataRoots);
        allowedHosts = List.copyOf(allowedHosts);
        allowedBuckets = List.copyOf(allowedBuckets);
    }

    /** With the time limits of both workers. */
    public static SourceRules of(
            List<Path> dataRoots, List<String> allowedHosts, List<String> allowedBuckets, ImageLimits limits) {
        return new SourceRules(
                dataRoots,
                allowedHosts,
                allowedBuckets,
                limits.maxBytes(),
                MAX_MANIFEST_BYTES,
                CONNECT_TIMEOUT,
                TOTAL_TIMEOUT);
    }

    /** The same with another limit of manifests. */
    public SourceRules withMaxManifestBytes(long bytes) {
        return new SourceRules(dataRoots, allowedHosts, allowedBuckets, maxBytes, bytes, connectTimeout, totalTimeout);
    }

    /** The same places for files that are larger, and take longer. */
    public SourceRules forFiles(long bytes, Duration connect, Duration total) {
        return new SourceRules(dataRoots, allowedHosts, allowedBuckets, bytes, bytes, connect, total);
    }

    /** What one attempt may take: its bytes, and the time for them. */
    record Limit(long bytes, Duration time) {}

    Limit image() {
        return new Limit(maxBytes, totalTimeout);
    }

    /** At the pace of images. */
    Limit manifest() {
        long times = Math.max(1, (maxManifestBytes + maxBytes - 1) / maxBytes);
        return new Limit(maxManifestBytes, totalTimeout.multipliedBy(times));
    }
}
