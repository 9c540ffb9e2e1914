package io.github.finetide.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An empty file in a store's folder by whose name it is recognised: where the folder is a mount point, it is still there
 * when the mount is away, and empty.
 *
 * <p>See RATIONALE.md, Why does the store fail when its folder is missing, and not make it anew?
 */
final class StoreMarker {
    private static final Logger log = LoggerFactory.getLogger(StoreMarker.class);
    private static final String PREFIX = ".finetide-store-";

    private final Path root;
    /** Null where the store was never written to and cannot be. */
    private final @Nullable Path file;

    private StoreMarker(Path root, @Nullable Path file) {
        this.root = root;
        this.file = file;
    }

    /** Finds the store's marker, or makes it. */
    static StoreMarker of(Path root) {
        try {
            List<Path> markers = markers(root);
            return new StoreMarker(root, markers.isEmpty() ? made(root) : Collections.min(markers));
        } catch (IOException notWritable) {
            return new StoreMarker(root, null);
        }
    }

    private static List<Path> markers(Path root) throws IOException {
        List<Path> markers = new ArrayList<>();
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root, PREFIX + "*")) {
            found.forEach(markers::add);
        }
        return markers;
    }

    /** Two workers that begin a store together make two; each goes by its own. */
    private static Path made(Path root) throws IOException {
        Path marker = Files.createFile(root.resolve(PREFIX + UUID.randomUUID()));
        log.atInfo().addKeyValue("store", root).log("Begun a store, or marked one of an earlier version");
        return marker;
    }

    /** Whether this is the folder that it was when the store was opened. */
    boolean isThere() {
        return file == null ? Files.isDirectory(root) : Files.exists(file);
    }

    static boolean is(Path other) {
        return String.valueOf(other.getFileName()).startsWith(PREFIX);
    }
}
