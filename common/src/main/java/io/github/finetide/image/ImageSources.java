package io.github.finetide.image;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.UriText;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The real {@link ImageFetcher}: {@code file:}, {@code http:}, {@code https:} and {@code s3:}, each within its rules. */
public final class ImageSources implements ImageFetcher, AutoCloseable {
    private final FileSource files;
    private final WebSource web;
    private final S3Source s3;
    private final Map<String, ImageFetcher> bySchemes;

    /** @throws IllegalArgumentException for an allowed host that cannot be one */
    public ImageSources(SourceRules rules) {
        files = new FileSource(rules.dataRoots(), rules.maxBytes());
        web = new WebSource(rules);
        s3 = new S3Source(rules);
        bySchemes = Map.of("file", files, "http", web, "https", web, "s3", s3);
    }

    /** With the limits and time-outs of both workers. */
    public static ImageSources open(List<Path> dataRoots, List<String> allowedHosts) {
        return new ImageSources(SourceRules.of(dataRoots, allowedHosts, ImageLimits.defaults()));
    }

    @Override
    public byte[] fetch(URI uri) {
        return source(uri).fetch(uri);
    }

    @Override
    public void check(URI uri) {
        source(uri).check(uri);
    }

    private ImageFetcher source(URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        ImageFetcher source = bySchemes.get(scheme);
        if (source == null) {
            throw Faults.of(ErrorKind.NOT_ALLOWED, Faults.shown(uri) + ": " + UriText.unsupported());
        }
        return source;
    }

    @Override
    public void close() {
        s3.close();
    }
}
