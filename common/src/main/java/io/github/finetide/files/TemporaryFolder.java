package io.github.finetide.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder that ends with its process. Its owner keeps a file in it locked, so whoever makes the next one in the same
 * place finds what a process that was killed left (tables of features have gigabytes), and removes it.
 */
public record TemporaryFolder(Path path, FileChannel lock) implements AutoCloseable {
    private static final String LOCK = ".in-use";

    /** A folder or file without a lock belongs to nobody who is alive once nothing was written to it for so long. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    /** Of this process: to open another channel on one of their locks, and to close it, would free the lock. */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private static final Logger log = LoggerFactory.getLogger(TemporaryFolder.class);

    /**
     * Makes a folder whose name begins with the prefix, and removes the abandoned ones beside it.
     *
     * @param parent made where it is missing
     */
    public static TemporaryFolder create(Path parent, String prefix) throws IOException {
        Files.createDirectories(parent);
        removeAbandoned(parent, prefix);
        Path made = Files.createTempDirectory(parent, prefix);
        OWN.add(made);
        Path free = made.resolve(LOCK + "-soon");
        FileChannel channel = FileChannel.open(free, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock unused = channel.lock(); // until the channel is closed
        Files.move(free, made.resolve(LOCK)); // never seen without its lock
        return new TemporaryFolder(made, channel);
    }

    /** Removes what no living process owns of whatever has a name with the prefix; where that fails, it stays. */
    public static void removeAbandoned(Path parent, String prefix) {
        if (!Files.isDirectory(parent)) {
            return;
        }
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(parent, prefix + "*")) {
            for (Path sibling : siblings) {
                if (!OWN.contains(sibling) && isAbandoned(sibling)) {
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

    private static boolean isAbandoned(Path folder) throws IOException {
        if (!Files.isRegularFile(folder.resolve(LOCK))) {
            return isOld(folder);
        }
        try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
                @Nullable FileLock free = channel.tryLock()) {
            return free != null;
        } catch (IOException inUse) {
            return false;
        }
    }

    private static boolean isOld(Path path) {
        try {
            return Files.getLastModifiedTime(path)
                    .toInstant()
                    .isBefore(Instant.now().minus(ABANDONED));
        } catch (IOException removedMeanwhile) {
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
        OWN.remove(path);
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
