package io.github.finetide.fetch;

import io.github.finetide.image.ImageLimits;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What image URIs may reach, and for how long.
 *
 * @param dataRoots folders {@code file:} URIs may point into; none: no {@code file:} URI is read
 * @param allowedHosts hosts {@code http(s):} URIs may point to, with or without a port; none: no such URI is read. An
 *     address or a block of addresses ({@code 10.0.0.0/8}) also permits private addresses in it, which are refused
 *     otherwise
 * @param maxBytes of one answer
 * @param connectTimeout to reach a host
 * @param totalTimeout for one attempt, redirects and body and all
 */
public record SourceRules(
        List<Path> dataRoots,
        List<String> allowedHosts,
        long maxBytes,
        Duration connectTimeout,
        Duration totalTimeout) {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5); // a host in reach answers in one second
    private static final Duration TOTAL_TIMEOUT = Duration.ofSeconds(30); // 64 MiB at 2 MiB a second

    public SourceRules {
        dataRoots = List.copyOf(dataRoots);
        allowedHosts = List.copyOf(allowedHosts);
    }

    public static SourceRules of(List<Path> dataRoots, List<String> allowedHosts, ImageLimits limits) {
        return new SourceRules(dataRoots, allowedHosts, limits.maxBytes(), CONNECT_TIMEOUT, TOTAL_TIMEOUT);
    }
}
