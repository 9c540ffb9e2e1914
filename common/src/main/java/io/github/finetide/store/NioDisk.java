package io.github.finetide.store;

import io.github.finetide.files.FileTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** The disk that java.nio.file sees. */
final class NioDisk implements Disk {
    @Override
    public void createDirectories(Path folder) throws IOException {
        Files.createDirectories(folder);
    }

    @Override
    public void write(Path file, Content content) throws IOException {
        content.writeTo(file);
    }

    @Override
    public void force(Path path) throws IOException {
        boolean folder = Files.isDirectory(path);
        if (folder && !foldersCanBeForced(path)) {
            return;
        }
        StandardOpenOption mode = folder ? StandardOpenOption.READ : StandardOpenOption.WRITE;
        try (FileChannel channel = FileChannel.open(path, mode)) {
            channel.force(true);
        }
    }

    /** Windows opens no folder as a file; nor do file systems in memory, which lose nothing by it. */
    private static boolean foldersCanBeForced(Path folder) {
        return folder.getFileSystem() == FileSystems.getDefault()
                && folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @Override
    public void move(Path from, Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(Path tree) throws IOException {
        FileTree.delete(tree);
    }
}
