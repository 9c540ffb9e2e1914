package io.github.finetide.store;

import java.io.IOException;
import java.nio.file.Path;

/** What a file store does to a disk: the seam where tests make disks fail and machines stop. */
interface Disk {
    void createDirectories(Path folder) throws IOException;

    void write(Path file, Content content) throws IOException;

    /** Returns when a file's bytes, or a folder's names, are on the disk itself. */
    void force(Path fileOrFolder) throws IOException;

    /** Renames in one step, replacing a file that is there. */
    void move(Path from, Path to) throws IOException;

    /** Removes a file or a folder with all it holds; nothing happens where there is none. */
    void delete(Path tree) throws IOException;
}
