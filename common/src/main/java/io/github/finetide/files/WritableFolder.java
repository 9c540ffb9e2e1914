package io.github.finetide.files;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** A folder that something is about to be written to. */
public final class WritableFolder {
    /** Less than this, and the next checkpoint of a small network does not fit. */
    static final long LEAST_FREE_BYTES = 64L << 20;

    private final Path path;
    private final ToLongFunction<Path> freeBytes;

    /** @param path need not be there: what makes it is the first to use it */
    public WritableFolder(Path path) {
        this(path, WritableFolder::freeBytes);
    }

    WritableFolder(Path path, ToLongFunction<Path> freeBytes) {
        this.path = path;
        this.freeBytes = freeBytes;
    }

    /** Why nothing can be written to it now, in one sentence; null where something can. */
    public @Nullable String problem() {
        Path there = nearest(path.toAbsolutePath());
        if (!Files.isDirectory(there)) {
            return path + " is no folder";
        } else if (!Files.isWritable(there)) {
            return path + " cannot be written; grant this process the right to, or choose another folder";
        }
        long free = freeBytes.applyAsLong(there);
        return free < LEAST_FREE_BYTES
                ? "the disk of %s has %d MiB left; free some, or choose another folder".formatted(path, free >> 20)
                : null;
    }

    /** The folder, or the one that it will be made in. */
    private static Path nearest(Path wanted) {
        Path found = wanted;
        while (Files.notExists(found) && found.getParent() != null) {
            found = found.getParent();
        }
        return found;
    }

    private static long freeBytes(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException unknown) {
            return Long.MAX_VALUE; // whoever writes finds out
        }
    }
}
