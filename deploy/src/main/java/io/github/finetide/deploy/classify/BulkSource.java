package io.github.finetide.deploy.classify;

import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.fetch.ImageSources;
import io.github.finetide.fetch.ImageUri;
import io.github.finetide.fetch.SourceRules;
import io.github.finetide.image.ImageLimits;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.UriText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The images of a bulk run, in order: the lines of a list, or what has an image's extension in a folder or below a prefix,
 * sorted by name.
 */
final class BulkSource {
    /** Names in memory, some 300 bytes each: 3 GB would be wrong usage. */
    static final int MAX_IMAGES = 10_000_000;

    private static final Pattern IMAGE = Pattern.compile("(?i).*\\.(jpe?g|png|gif|bmp|webp|tiff?)");

    /**
     * An image of the source.
     *
     * @param name the URI, or the line as it stands where that is none
     * @param uri absent where the line is none
     * @param fault why it is none
     */
    record Image(String name, @Nullable URI uri, @Nullable FaultException fault) {
        static Image at(URI uri) {
            return new Image(uri.toString(), uri, null);
        }
    }

    private BulkSource() {}

    /**
     * Reads all names.
     *
     * @param from a list's file, or a folder or an {@code s3:} prefix
     */
    static List<Image> read(String from) throws IOException {
        List<Image> images = UriText.isUri(from) ? at(UriText.of(from)) : at(Path.of(from));
        if (images.size() > MAX_IMAGES) {
            throw new CommandFailure("%s has more than %d images: split it".formatted(from, MAX_IMAGES));
        }
        return images;
    }

    private static List<Image> at(URI uri) throws IOException {
        return switch (String.valueOf(uri.getScheme())) {
            case "s3" -> bucket(uri);
            case "file" -> at(Path.of(uri));
            default -> throw new CommandFailure(uri + ": images can be listed in files, folders and buckets");
        };
    }

    private static List<Image> at(Path path) throws IOException {
        return Files.isDirectory(path) ? folder(path) : list(path);
    }

    private static List<Image> bucket(URI prefix) {
        if (!UriText.key(prefix).isEmpty() && !UriText.key(prefix).endsWith("/")) {
            throw new CommandFailure(prefix + ": what lies below a prefix is listed with a / at its end");
        }
        List<String> buckets = List.of(String.valueOf(prefix.getRawAuthority()));
        SourceRules rules = SourceRules.of(List.of(), List.of(), buckets, ImageLimits.defaults());
        try (ImageSources sources = new ImageSources(rules)) {
            return sources.list(prefix).stream()
                    .filter(path -> IMAGE.matcher(path).matches())
                    .sorted()
                    .map(path -> Image.at(ImageUri.inFolder(prefix, path)))
                    .toList();
        }
    }

    private static List<Image> folder(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder.toAbsolutePath().normalize())) {
            return files.filter(
                            file -> IMAGE.matcher(file.getFileName().toString()).matches())
                    .filter(Files::isRegularFile)
                    .map(BulkSource::uri)
                    .limit(MAX_IMAGES + 1L)
                    .sorted()
                    .map(Image::at)
                    .toList();
        } catch (UncheckedIOException unreadable) {
            throw new CommandFailure("%s cannot be read: %s".formatted(folder, unreadable.getCause()));
        }
    }

    /** Paths are relative to the list, as in a manifest; blank lines are none. */
    private static List<Image> list(Path list) throws IOException {
        URI base = uri(list.toAbsolutePath().normalize());
        return new String(Files.readAllBytes(list), StandardCharsets.UTF_8)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .limit(MAX_IMAGES + 1L)
                .map(line -> image(base, line))
                .toList();
    }

    private static Image image(URI base, String line) {
        try {
            URI image = ImageUri.below(base, line);
            boolean isLocal = "file".equals(image.getScheme()) && image.getRawAuthority() == null;
            return Image.at(isLocal ? URI.create("file://" + image.getRawPath()) : image);
        } catch (FaultException noUri) {
            return new Image(line, null, noUri);
        }
    }

    /** Without the slash that {@link Path#toUri} gives a folder. */
    static URI uri(Path file) {
        return URI.create("file://" + file.toUri().getRawPath());
    }
}
