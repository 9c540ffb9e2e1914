package io.github.finetide.network.weights;

import io.github.finetide.image.FileKind;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** What a file looks like, by its first bytes, that is no weights file, and what to do about it. */
final class WeightsFileKind {
    /** Enough for the first key of a JSON index. */
    static final int START_BYTES = 4096;

    private WeightsFileKind() {}

    /** Returns what the file is, in words that follow "it is", if that is none of the formats read. */
    static Optional<String> foreign(byte[] start) {
        if (start.length == 0) {
            return Optional.of("empty");
        }
        // A zip is a weights file of PyTorch's, or said to be a damaged one.
        return FileKind.of(start)
                .filter(kind -> kind != FileKind.ZIP && kind != FileKind.ZEROS)
                .map(kind -> kind.words() + remedy(kind, start));
    }

    private static String remedy(FileKind kind, byte[] start) {
        return switch (kind) {
            case GZIP, BZIP2, XZ, ZSTD, SEVEN_ZIP, RAR -> "; unpack it";
            case TAR -> "; unpack it, or save it again where PyTorch before 0.1.10 wrote it";
            case HTML -> ", not what was to be downloaded";
            case XML -> ", perhaps a store's error message";
            case JSON ->
                isIndex(start) ? ": the index (weight_map) of weights in several files; join them into one" : "";
            default -> "";
        };
    }

    private static boolean isIndex(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        return text.contains("\"weight_map\"") || text.contains("total_size");
    }
}
