package io.github.finetide.fetch;

import io.github.finetide.image.ImageLimits;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import io.github.finetide.message.UriText;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The real {@link ImageFetcher}: {@code file:}, {@code http:}, {@code https:} and {@code s3:}, each within its rules, and
 * {@code data:}, which needs none.
 */
public final class ImageSources implements ImageFetcher, AutoCloseable {
    /** Reads one scheme. */
    interface Source {
        byte[] fetch(URI uri, SourceRules.Limit limit);

        void check(URI uri);

        default List<String> list(URI folder, SourceRules.Limit limit) {
            throw Faults.of(
                    ErrorKind.INVALID,
                    Faults.shown(folder) + " cannot be listed; class folders are read from file: and s3:");
        }
    }

    private final SourceRules rules;
    private final S3Source s3;
    private final Map<String, Source> bySchemes;

    /** @throws IllegalArgumentException for an allowed host or bucket that cannot be one */
    public ImageSources(SourceRules rules) {
        this.rules = rules;
        FileSource files = new FileSource(rules.dataRoots(), rules.maxBytes());
        WebSource web = new WebSource(rules);
        s3 = new S3Source(rules);
        bySchemes = Map.of("file", files, "http", web, "https", web, "s3", s3, "data", new InlineSource());
    }

    /** With the limits and time-outs of both workers; reads from no bucket. */
    public static ImageSources open(List<Path> dataRoots, List<String> allowedHosts) {
        return new ImageSources(SourceRules.of(dataRoots, allowedHosts, List.of(), ImageLimits.defaults()));
    }

    @Override
    public byte[] fetch(URI uri) {
        return source(uri).fetch(uri, rules.image());
    }

    @Override
    public byte[] fetchManifest(URI uri) {
        return source(uri).fetch(uri, rules.manifest());
    }

    @Override
    public void check(URI uri) {
        source(uri).check(uri);
    }

    @Override
    public List<String> list(URI folder) {
        return source(folder).list(folder, rules.manifest());
    }

    private Source source(URI uri) {
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        Source source = bySchemes.get(scheme);
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
