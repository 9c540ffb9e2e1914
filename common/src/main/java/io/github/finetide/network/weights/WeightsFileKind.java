package io.github.finetide.network.weights;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Tells by its first bytes what a file is that is no weights file. */
final class WeightsFileKind {
    /** Enough for the first key of a JSON index, and the mark of a tar archive. */
    static final int START_BYTES = 4096;

    private static final int TAR_MARK = 257;

    private static final Map<String, String> STARTS = new LinkedHashMap<>();

    static {
        STARTS.put("version https://git-lfs", "a Git LFS pointer; fetch the file itself (git lfs pull)");
        STARTS.put("\u0089HDF", "an HDF5 file (of Keras, for example)");
        STARTS.put("GGUF", "a GGUF file");
        STARTS.put("\u001f\u008b", "compressed with gzip; unpack it");
        STARTS.put("BZh", "compressed with bzip2; unpack it");
        STARTS.put("\u00fd7zXZ", "compressed with xz; unpack it");
        STARTS.put("7z\u00bc\u00af", "a 7z archive; unpack it");
        STARTS.put("Rar!", "a RAR archive; unpack it");
        STARTS.put("(\u00b5/\u00fd", "compressed with zstd; unpack it");
        STARTS.put("\u0093NUMPY", "a NumPy array");
        STARTS.put("<?xml", "an XML document, perhaps a store's error message");
    }

    private WeightsFileKind() {}

    /** Returns what the file is, in words that follow "it is", if that is none of the formats read. */
    static Optional<String> foreign(byte[] start) {
        if (start.length == 0) {
            return Optional.of("empty");
        }
        String text = new String(start, StandardCharsets.ISO_8859_1);
        for (Map.Entry<String, String> kind : STARTS.entrySet()) {
            if (text.startsWith(kind.getKey())) {
                return Optional.of(kind.getValue());
            }
        }
        if (start.length > TAR_MARK + 5 && text.startsWith("ustar", TAR_MARK)) {
            return Optional.of("a tar archive (unpack it; one of PyTorch before 0.1.10 must be saved again)");
        }
        return document(text.stripLeading(), start);
    }

    private static Optional<String> document(String text, byte[] start) {
        if (text.startsWith("{")) {
            return Optional.of(
                    text.contains("\"weight_map\"") || text.contains("total_size")
                            ? "the index (weight_map) of weights that are split into several files; join them into one"
                            : "a JSON document");
        }
        if (text.startsWith("<")) {
            return Optional.of("an HTML page, not what was to be downloaded");
        }
        byte[] seen = Arrays.copyOf(start, Math.min(start.length, 64));
        boolean plain = true;
        for (byte next : seen) {
            plain &= next >= ' ' || next == '\n' || next == '\r' || next == '\t';
        }
        return plain ? Optional.of("plain text") : Optional.empty();
    }
}
