package io.github.finetide.trainer.data;

import io.github.finetide.dataset.ClassFolders;
import io.github.finetide.fetch.ImageFetcher;
import io.github.finetide.fetch.ImageUri;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import io.github.finetide.message.Shown;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A data set: one {@code path label} a line, UTF-8. The label is the last field, the path may hold spaces; a relative
 * path is relative to the manifest; a path may also be a {@code file:}, {@code http(s):} or {@code s3:} URI. Blank lines,
 * a byte order mark and CRLF do no harm. Or the images of class folders.
 *
 * @param source where it was read
 * @param entries at least one, in the order of the lines
 */
public record Manifest(URI source, List<Entry> entries) {

    /** One image with the number of its class, and the line it stands on, from 1; 0 in a class folder. */
    public record Entry(URI image, int label, int line) {}

    private static final int MAX_SHOWN_ERRORS = 50; // what fits a screen or a status message

    private static final byte[] MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf}; // of byte order, in UTF-8

    public Manifest {
        entries = List.copyOf(entries);
    }

    /**
     * Reads and checks a manifest; images are looked for where that is cheap ({@link ImageFetcher#check}), not read.
     *
     * @param classes labels must be 0..classes-1
     * @throws FaultException naming file and line of up to 50 errors, and how many there are
     */
    public static Manifest read(URI source, ImageFetcher fetcher, int classes) {
        Reading reading = new Reading(source, fetcher, classes);
        reading.lines(fetcher.fetchManifest(source));
        return reading.manifest();
    }

    /** The images of class folders; their classes are numbered as in the names, which hold all of them. */
    public static Manifest of(ClassFolders folders, List<String> names) {
        Map<String, Integer> labels = new HashMap<>();
        names.forEach(name -> labels.put(name, labels.size()));
        return new Manifest(
                folders.source(),
                folders.images().stream()
                        .map(image -> new Entry(image.uri(), labels.getOrDefault(image.className(), -1), 0))
                        .toList());
    }

    /** The same with some of its entries. */
    Manifest withEntries(List<Entry> some) {
        return new Manifest(source, some);
    }

    /** {@code train.txt line 7}, or the image itself in a class folder: for messages about one entry. */
    public String place(Entry entry) {
        return entry.line() == 0 ? Faults.shown(entry.image()) : place(source, entry.line());
    }

    /** As {@link #place}, and the image where that does not say it. */
    public String placeAndImage(Entry entry) {
        return entry.line() == 0 ? place(entry) : place(entry) + ": " + entry.image();
    }

    private static String place(URI source, int line) {
        return Faults.shown(source) + " line " + line;
    }

    private static String text(URI source, byte[] bytes, int from, int to) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw Faults.of(ErrorKind.INVALID, "Manifest " + Faults.shown(source) + " is not UTF-8 text", e);
        }
    }

    /** The lines gone through so far. */
    private static final class Reading {
        private final URI source;
        private final ImageFetcher fetcher;
        private final int classes;
        private final List<Entry> entries = new ArrayList<>();
        private final List<String> errors = new ArrayList<>();
        private int errorCount;
        private @Nullable ErrorKind worst;

        Reading(URI source, ImageFetcher fetcher, int classes) {
            this.source = source;
            this.fetcher = fetcher;
            this.classes = classes;
        }

        /** Line by line: as one text, a long list would take three times the memory. */
        void lines(byte[] bytes) {
            int number = 0;
            for (int from = startsWithMark(bytes) ? MARK.length : 0; from < bytes.length; ) {
                int to = endOfLine(bytes, from);
                number++;
                String line = text(source, bytes, from, to);
                if (!line.isBlank()) {
                    line(line.strip(), number);
                }
                boolean both = to + 1 < bytes.length && bytes[to] == '\r' && bytes[to + 1] == '\n';
                from = to + (both ? 2 : 1);
            }
        }

        private static boolean startsWithMark(byte[] bytes) {
            return bytes.length >= MARK.length && Arrays.equals(Arrays.copyOf(bytes, MARK.length), MARK);
        }

        private static int endOfLine(byte[] bytes, int from) {
            int end = from;
            while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
                end++;
            }
            return end;
        }

        private void line(String line, int number) {
            try {
                int gap = lastGap(line);
                Entry entry = new Entry(
                        ImageUri.below(source, line.substring(0, gap).strip()), label(line.substring(gap + 1)), number);
                fetcher.check(entry.image());
                entries.add(entry);
            } catch (FaultException e) {
                addError(number, e);
            }
        }

        private void addError(int number, FaultException e) {
            // A line that cannot be read wins over an image that is not there: it is the more certain mistake.
            worst = worst == null || e.kind() == ErrorKind.INVALID ? e.kind() : worst;
            errorCount++;
            if (errors.size() < MAX_SHOWN_ERRORS) {
                errors.add(place(source, number) + ": " + e.getMessage());
            }
        }

        private static int lastGap(String line) {
            for (int i = line.length() - 1; i > 0; i--) {
                if (Character.isWhitespace(line.charAt(i))) {
                    return i;
                }
            }
            throw Faults.of(ErrorKind.INVALID, Shown.of(line) + " is not a path, a space and a label");
        }

        private int label(String text) {
            Supplier<FaultException> wrong = () -> Faults.of(
                    ErrorKind.INVALID, "label " + Shown.of(text) + " is not allowed; allowed: 0 to " + (classes - 1));
            try {
                int label = Integer.parseInt(text);
                if (label < 0 || label >= classes) {
                    throw wrong.get();
                }
                return label;
            } catch (NumberFormatException e) {
                throw wrong.get();
            }
        }

        Manifest manifest() {
            if (worst != null) {
                String more = errorCount > errors.size() ? "\nand " + (errorCount - errors.size()) + " more" : "";
                String total = errorCount == 1 ? "1 error" : errorCount + " errors";
                throw Faults.of(worst, total + " in the manifest:\n" + String.join("\n", errors) + more);
            }
            if (entries.isEmpty()) {
                throw Faults.of(ErrorKind.INVALID, "Manifest " + Faults.shown(source) + " has no images");
            }
            return new Manifest(source, entries);
        }
    }
}
