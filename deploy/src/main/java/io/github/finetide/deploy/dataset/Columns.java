package io.github.finetide.deploy.dataset;

import io.github.finetide.deploy.CommandFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a table hold images and labels.
 *
 * @param image index of the column
 * @param label index of the column
 */
record Columns(int image, int label) {
    private static final List<String> IMAGES = List.of(
            "image",
            "file_name",
            "filename",
            "image_path",
            "filepath",
            "file_path",
            "path",
            "file",
            "img",
            "image_id",
            "image_name",
            "url",
            "uri");
    private static final List<String> LABELS = List.of(
            "label",
            "class",
            "category",
            "class_name",
            "label_name",
            "labels",
            "target",
            "species",
            "breed",
            "tag",
            "y");
    private static final int LOOKED_AT = 100; // rows, to find out what a column holds

    private static final Pattern IMAGE = Pattern.compile("(?i).*\\.(jpe?g|png|bmp|gif|tiff?|webp|ppm|pgm)");

    /** The names that a user gave; null where they are to be found. */
    record Wanted(@Nullable String image, @Nullable String label) {
        /** As in the metadata of Hugging Face's image folders. */
        Wanted orFileName() {
            return image == null ? new Wanted("file_name", label) : this;
        }
    }

    /**
     * Finds them: as named, else by usual names, else by what the rows hold.
     *
     * @param source for messages
     */
    static Columns find(String source, List<String> header, List<List<String>> rows, Wanted wanted) {
        if (wanted.image() == null && header.stream().anyMatch(Columns::looksLikeImage)) {
            throw new CommandFailure(source + " has no header: its first line names an image. Put a line like"
                    + " image,label before it");
        }
        OptionalInt image = named(source, header, wanted.image(), "--image", IMAGES);
        int imageColumn = image.orElseGet(
                () -> byContent(header, rows).orElseThrow(() -> unknown(source, header, "images", "--image")));
        OptionalInt label = named(source, header, wanted.label(), "--label", LABELS);
        int labelColumn = label.orElseGet(
                () -> onlyOther(header, imageColumn).orElseThrow(() -> unknown(source, header, "labels", "--label")));
        return new Columns(imageColumn, labelColumn);
    }

    private static OptionalInt named(
            String source, List<String> header, @Nullable String given, String option, List<String> usual) {
        List<String> lower = header.stream().map(Columns::plain).toList();
        if (given != null) {
            int column = lower.indexOf(plain(given));
            if (column < 0) {
                throw new CommandFailure("%s has no column %s; its columns are %s; name one with %s"
                        .formatted(source, given, String.join(", ", header), option));
            }
            return OptionalInt.of(column);
        }
        return usual.stream()
                .mapToInt(lower::indexOf)
                .filter(column -> column >= 0)
                .findFirst();
    }

    private static OptionalInt byContent(List<String> header, List<List<String>> rows) {
        return IntStream.range(0, header.size())
                .filter(column -> mostly(rows, column))
                .findFirst();
    }

    /** "File Name" and "file-name" are the same column as file_name. */
    private static String plain(String name) {
        return name.strip().toLowerCase(Locale.ROOT).replaceAll("[ -]+", "_");
    }

    private static boolean mostly(List<List<String>> rows, int column) {
        List<List<String>> some = rows.stream().limit(LOOKED_AT).toList();
        long images = some.stream()
                .filter(row -> column < row.size() && looksLikeImage(row.get(column)))
                .count();
        return images * 2 > some.size();
    }

    private static OptionalInt onlyOther(List<String> header, int image) {
        return header.size() == 2 ? OptionalInt.of(1 - image) : OptionalInt.empty();
    }

    private static boolean looksLikeImage(String cell) {
        return IMAGE.matcher(cell.strip()).matches();
    }

    private static CommandFailure unknown(String source, List<String> header, String what, String option) {
        return new CommandFailure("%s: which column holds the %s? Its columns are %s; name one with %s"
                .formatted(source, what, String.join(", ", new ArrayList<>(header)), option));
    }
}
