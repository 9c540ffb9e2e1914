package io.github.finetide.trainer.data;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Features of images, a row an image: the first rows in memory, the rest in a temporary file. What comes
 * out is what went in, bit for bit.
 */
public final class FeatureTable implements AutoCloseable {
    private final int rowBytes;
    private final int rows;
    private final byte[][] inMemory;
    private final Path folder;
    private final Deque<ByteBuffer> spare = new ArrayDeque<>();
    private @Nullable Path file;
    private @Nullable FileChannel channel;

    /**
     * Makes a table whose rows are to be put.
     *
     * @param columns floats in a row
     * @param maxMemoryBytes rows beyond this go to a file
     * @param folder for that file
     */
    FeatureTable(int rows, int columns, long maxMemoryBytes, Path folder) {
        this.rows = rows;
        this.rowBytes = Math.multiplyExact(columns, Float.BYTES);
        this.inMemory = new byte[(int) Math.min(rows, maxMemoryBytes / rowBytes)][];
        this.folder = folder;
    }

    /** Sets a row: its floats in the machine's byte order. */
    void put(int row, ByteBuffer features) {
        if (row < inMemory.length) {
            byte[] bytes = new byte[rowBytes];
            features.get(bytes);
            inMemory[row] = bytes;
        } else {
            spill(row, features);
        }
    }

    /** Returns the rows asked for, which were put, one after the other, direct and in the machine's byte order. */
    ByteBuffer rows(int[] wanted) {
        ByteBuffer gathered = buffer(Math.multiplyExact(wanted.length, rowBytes));
        for (int row : wanted) {
            if (row < inMemory.length) {
                gathered.put(inMemory[row]);
            } else {
                fetch(row, gathered);
            }
        }
        return gathered.flip().order(ByteOrder.nativeOrder());
    }

    /** Takes back rows that nobody looks at any more: new memory for each batch would be zeroed, and faulted in again. */
    void giveBack(ByteBuffer rows) {
        spare.add(rows);
    }

    private ByteBuffer buffer(int bytes) {
        ByteBuffer buffer = spare.poll();
        return buffer != null && buffer.capacity() >= bytes
                ? buffer.clear().limit(bytes)
                : ByteBuffer.allocateDirect(bytes);
    }

    long memoryBytes() {
        return (long) inMemory.length * rowBytes;
    }

    private long position(int row) {
        if (row >= rows) {
            throw new IllegalArgumentException("row " + row + " of " + rows);
        }
        return (row - (long) inMemory.length) * rowBytes;
    }

    private void spill(int row, ByteBuffer features) {
        try {
            FileChannel target = channel == null ? open() : channel;
            long position = position(row);
            while (features.hasRemaining()) {
                position += target.write(features, position);
            }
        } catch (IOException failed) {
            throw new FaultException(
                    ErrorKind.NO_SPACE, "cannot keep features in " + folder + ": " + failed.getMessage(), failed);
        }
    }

    private FileChannel open() throws IOException {
        Path created = Files.createTempFile(folder, "features", ".tmp");
        FileChannel opened = FileChannel.open(created, StandardOpenOption.READ, StandardOpenOption.WRITE);
        file = created;
        channel = opened;
        return opened;
    }

    private void fetch(int row, ByteBuffer gathered) {
        long position = position(row);
        FileChannel source = channel;
        if (source == null) {
            throw new IllegalStateException("no row was put into a file");
        }
        try {
            ByteBuffer target = gathered.slice().limit(rowBytes);
            while (target.hasRemaining()) {
                int read = source.read(target, position + target.position());
                if (read < 0) {
                    throw new IOException(file + " ends too early");
                }
            }
            gathered.position(gathered.position() + rowBytes);
        } catch (IOException failed) {
            throw new FaultException(ErrorKind.UNAVAILABLE, "cannot read features: " + failed.getMessage(), failed);
        }
    }

    @Override
    public void close() {
        try {
            if (channel != null) {
                channel.close();
            }
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException left) {
            throw new FaultException(ErrorKind.UNAVAILABLE, "cannot remove " + file + ": " + left.getMessage(), left);
        }
    }
}
