package io.github.finetide.network.weights;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A folder of weights shared by processes: canonical files named by their content, downloads by
 * theirs, and small notes of which canonical file a source became. Files appear whole or not at all.
 */
final class WeightsCache {
    /** Locks on one file do not keep threads of one process apart. */
    private static final Object WITHIN_PROCESS = new Object();

    private final Path folder;

    WeightsCache(Path folder) {
        this.folder = folder;
    }

    /** Work that may touch the cache. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /** Runs the work while no other thread or process runs any on this cache. */
    <T> T alone(Work<T> work) {
        synchronized (WITHIN_PROCESS) {
            try {
                Files.createDirectories(folder);
                try (FileChannel file = FileChannel.open(
                                folder.resolve(".lock"), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
                        FileLock lock = file.lock()) {
                    if (!lock.isValid()) {
                        throw new IOException("its lock was lost");
                    }
                    return work.run();
                }
            } catch (IOException failed) {
                throw new FaultException(
                        ErrorKind.UNAVAILABLE, "weights cache %s: %s".formatted(folder, failed), failed);
            }
        }
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    /** Returns a name for a file in the making; the caller moves or deletes it. */
    Path temporary() throws IOException {
        Path file = Files.createTempFile(folder, ".part-", "");
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
            String sha256 = sha256(part);
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

    /** Returns a file's SHA-256 in hex. */
    static String sha256(Path file) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
