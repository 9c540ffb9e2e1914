package io.github.finetide.store;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file on this machine, whose failures are not taken for the store's that is read. */
final class LocalOutput extends FilterOutputStream {
    private final Path file;

    LocalOutput(Path file) throws IOException {
        super(Files.newOutputStream(file));
        this.file = file;
    }

    @Override
    public void write(byte[] bytes, int start, int length) {
        try {
            out.write(bytes, start, length);
        } catch (IOException failed) {
            throw StoreFaults.of(file, failed);
        }
    }
}
