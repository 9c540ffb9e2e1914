package io.github.finetide.network.weights;

import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of weights shared by processes: canonical files named by their content, downloads by
 * theirs, and small notes of which canonical file a source became. Files appear whole or not at all.
 */
final class WeightsCache {
    /** Locks on one file do not keep threads of one process apart. */
    private static final Object WITHIN_PROCESS = new Object();

    /** The largest starting weights (230 MB) come in this time over 10 Mbit/s. */
    private static final Duration LOCK_LIMIT = Duration.ofMinutes(3);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    static final String PART = ".part-";
    private static final Logger log = LoggerFactory.getLogger(WeightsCache.class);

    private final Path folder;
    private final Duration lockLimit;
    private @Nullable TemporaryFolder parts;

    WeightsCache(Path folder) {
        this(folder, LOCK_LIMIT);
    }

    WeightsCache(Path folder, Duration lockLimit) {
        this.folder = folder;
        this.lockLimit = lockLimit;
    }

    /** Something that may change the cache. */
    @FunctionalInterface
    interface CacheTask<T> {
        T run() throws IOException;
    }

    /** Runs the work while no other thread or process runs any on this cache. */
    @SuppressWarnings("try") // the lock is held, not used
    <T> T alone(CacheTask<T> work) {
        synchronized (WITHIN_PROCESS) {
            try {
                Files.createDirectories(folder);
                try (FileChannel file = FileChannel.open(
                                folder.resolve(".lock"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
                        @Nullable FileLock lock = lock(file);
                        TemporaryFolder made = TemporaryFolder.create(folder, PART)) {
                    parts = made;
                    return work.run();
                } finally {
                    parts = null;
                }
            } catch (IOException failed) {
                throw new FaultException(
                        ErrorKind.UNAVAILABLE, "weights cache %s: %s".formatted(folder, failed), failed);
            }
        }
    }

    /**
     * Waits for the lock, but not for ever: a process that is frozen keeps it. Files appear whole or not at all, so two
     * at once only do the same work twice.
     */
    private @Nullable FileLock lock(FileChannel file) throws IOException {
        long end = System.nanoTime() + lockLimit.toNanos();
        FileLock lock = file.tryLock();
        while (lock == null && System.nanoTime() < end) {
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            lock = file.tryLock();
        }
        if (lock == null) {
            log.atWarn()
                    .addKeyValue("folder", folder)
                    .addKeyValue("waitedSeconds", lockLimit.toSeconds())
                    .log("Another process keeps the weights cache locked, working beside it");
        }
        return lock;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** Returns a name for a file in the making, on the same disk; what is not moved ends with the work. */
    Path temporary() throws IOException {
        Path file = Files.createTempFile(
                Objects.requireNonNull(parts, "within alone()").path(), "", "");
        Files.delete(file);
        return file;
    }

    /** Returns what a source became, if that is noted and still there. */
    Optional<ResolvedWeights> noted(String source) throws IOException {
        Path note = folder.resolve(source + ".sha256");
        if (!Files.isRegularFile(note)) {
            return Optional.empty();
        }
        String sha256 = Files.readString(note).strip();
        Path canonical = folder.resolve(sha256 + ".safetensors");
        if (!sha256.matches("[0-9a-f]{64}") || !Files.isRegularFile(canonical)) {
            return Optional.empty();
        }
        return Optional.of(new ResolvedWeights(SafeTensors.read(canonical), sha256, canonical));
    }

    /** Notes what a source became. */
    void note(String source, ResolvedWeights weights) throws IOException {
        Path part = temporary();
        Files.writeString(part, weights.sha256() + "\n");
        Files.move(part, folder.resolve(source + ".sha256"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Writes weights under the name of their content. */
    ResolvedWeights put(StateDict weights) throws IOException {
        Path part = temporary();
        try {
            SafeTensors.write(part, weights);
            force(part);
            String sha256 = Sha256.hex(part);
            Path canonical = folder.resolve(sha256 + ".safetensors");
            Files.move(part, canonical, StandardCopyOption.ATOMIC_MOVE);
            return new ResolvedWeights(SafeTensors.read(canonical), sha256, canonical);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static void force(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
