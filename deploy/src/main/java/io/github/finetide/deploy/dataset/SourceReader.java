package io.github.finetide.deploy.dataset;

import io.github.finetide.dataset.ClassFolders;
import io.github.finetide.deploy.CommandFailure;
import io.github.finetide.fetch.ImageSources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds out what kind of source there is, by its name, and reads it.
 *
 * @param folder what relative paths are relative to
 * @param kind in words, for the user
 */
record SourceReader(Path folder, String kind, LabelledImages images) {
    /** Names of the parts of a set that is divided already. */
    private static final Set<String> PARTS = Set.of("train", "training", "val", "valid", "validation", "test", "dev");

    private static final String KINDS =
            "a folder with a folder for each class or with a metadata.csv or metadata.jsonl, a .csv,"
                    + " .tsv, .lst (SageMaker, MXNet), .jsonl, or Label Studio's export as .json";

    /** Reads a source; the columns say where a table's images and labels are. */
    static SourceReader read(Path source, Columns.Wanted columns) throws IOException {
        if (Files.isDirectory(source)) {
            return folder(source, columns);
        } else if (!Files.isRegularFile(source)) {
            throw new CommandFailure("there is no file or folder " + source);
        }
        Path folder = Objects.requireNonNull(source.toAbsolutePath().getParent());
        String name = source.getFileName().toString();
        String lower = name.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".csv") || lower.endsWith(".tsv")) {
            return new SourceReader(folder, "a table", TableSource.read(name, text(source), columns));
        } else if (lower.endsWith(".lst")) {
            return new SourceReader(folder, "a list of SageMaker or MXNet", ListSource.read(name, text(source)));
        } else if (lower.endsWith(".jsonl")) {
            return new SourceReader(folder, "lines of JSON", JsonLinesSource.read(name, text(source), columns));
        } else if (lower.endsWith(".json")) {
            return new SourceReader(folder, "Label Studio's export", LabelStudioSource.read(name, text(source)));
        }
        throw new CommandFailure(source + " is none of: " + KINDS);
    }

    private static SourceReader folder(Path source, Columns.Wanted columns) throws IOException {
        for (String metadata : List.of("metadata.csv", "metadata.jsonl")) {
            Path file = source.resolve(metadata);
            if (Files.isRegularFile(file)) {
                SourceReader read = read(file, columns.orFileName());
                return new SourceReader(read.folder(), "a folder with " + metadata, read.images());
            }
        }
        Path folder = source.toRealPath();
        try (ImageSources sources = ImageSources.open(List.of(folder), List.of())) {
            ClassFolders read = ClassFolders.read(folder.toUri(), sources);
            refuseParts(source, read.classNames());
            LabelledImages images = new LabelledImages();
            read.images().forEach(image -> images.add(image.path(), image.className(), image.path()));
            Set<String> seen = new HashSet<>();
            read.images().forEach(image -> seen.add(image.className()));
            read.classNames().stream()
                    .filter(name -> !seen.contains(name))
                    .forEach(name -> images.leaveOut(name + "/", "no images in it"));
            others(folder, read, images);
            return new SourceReader(folder, "class folders", images);
        }
    }

    /** What lies among the images and has another extension. */
    private static void others(Path folder, ClassFolders read, LabelledImages images) throws IOException {
        Set<String> used = new HashSet<>();
        read.images().forEach(image -> used.add(image.path()));
        try (Stream<Path> files = Files.walk(folder)) {
            files.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .filter(path -> path.contains("/") && !used.contains(path))
                    .sorted()
                    .forEach(path -> images.leaveOut(path, "not an image by its extension"));
        }
    }

    private static void refuseParts(Path source, List<String> names) {
        boolean divided = names.stream().allMatch(name -> PARTS.contains(name.toLowerCase(Locale.ROOT)));
        if (divided) {
            throw new CommandFailure(source + " holds " + String.join(", ", names)
                    + ": it is divided already. Name them in a job as dataset.train and dataset.validation (file: URIs that"
                    + " end in /), or give one of them here");
        }
    }

    private static String text(Path file) throws IOException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new CommandFailure(file + " is not UTF-8 text; save it as CSV UTF-8");
        }
    }
}
