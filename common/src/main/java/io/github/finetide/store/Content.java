package io.github.finetide.store;

import java.io.IOException;
import java.nio.file.Path;

/** Something that is written to a file when the store says where. */
@FunctionalInterface
public interface Content {
    /** Writes the whole of it to a file that does not exist yet. */
    void writeTo(Path file) throws IOException;
}
