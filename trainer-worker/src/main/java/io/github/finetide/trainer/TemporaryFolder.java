package io.github.finetide.trainer;

import io.github.finetide.store.FileTree;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that ends with the worker. Its owner keeps a file in it locked, so the next worker on this machine finds what
 * one that was killed left (tables of features have gigabytes), and removes it.
 */
record TemporaryFolder(Path path, FileChannel lock) implements AutoCloseable {
    private static final String PREFIX = "finetide-trainer";
    private static final String LOCK = ".in-use";
    private static final Logger log = LoggerFactory.getLogger(TemporaryFolder.class);

    static TemporaryFolder create() throws IOException {
        return create(Path.of(System.getProperty("java.io.tmpdir")));
    }

    static TemporaryFolder create(Path parent) throws IOException {
        removeAbandoned(parent);
        Path made = Files.createTempDirectory(parent, PREFIX);
        FileChannel channel = FileChannel.open(made.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock unused = channel.lock(); // until the channel is closed
        return new TemporaryFolder(made, channel);
    }

    private static void removeAbandoned(Path parent) {
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path sibling : siblings) {
                if (Files.isRegularFile(sibling.resolve(LOCK)) && isAbandoned(sibling)) {
                    delete(sibling);
                }
            }
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("folder", parent)
                    .addKeyValue("reason", e.toString())
                    .log("Not searched for leftovers");
        }
    }

    private static boolean isAbandoned(Path folder) {
        try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
                @Nullable FileLock free = channel.tryLock()) {
            return free != null;
        } catch (IOException | OverlappingFileLockException inUse) {
            return false;
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("folder", path)
                    .addKeyValue("reason", e.toString())
                    .log("Lock not released");
        }
        delete(path);
    }

    private static void delete(Path folder) {
        try {
            FileTree.delete(folder);
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("folder", folder)
                    .addKeyValue("reason", e.toString())
                    .log("Files are left behind");
        }
    }
}
