package io.github.finetide.store;

import io.github.finetide.message.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;

/** SHA-256 of bytes on their way. */
final class Digests {
    /** Large enough that the system calls cost nothing beside the hashing. */
    private static final int BUFFER_BYTES = 1 << 16;

    private Digests() {}

    /** Reads a file's bytes for its size and digest. */
    static FileEntry of(String name, Path file) throws IOException {
        try (InputStream bytes = Files.newInputStream(file)) {
            return copy(name, bytes, OutputStream.nullOutputStream());
        }
    }

    /** Copies to the end, and returns size and digest of what went through. */
    static FileEntry copy(String name, InputStream from, OutputStream to) throws IOException {
        MessageDigest digest = Sha256.start();
        byte[] buffer = new byte[BUFFER_BYTES];
        long size = 0;
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            digest.update(buffer, 0, read);
            to.write(buffer, 0, read);
            size += read;
        }
        return new FileEntry(name, size, HexFormat.of().formatHex(digest.digest()));
    }
}
