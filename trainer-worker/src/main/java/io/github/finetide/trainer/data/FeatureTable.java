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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Features of images, a row an image: the first rows in memory, the rest in a temporary file. What comes
 * out is what went in, bit for bit.
 */
final class FeatureTable implements AutoCloseable {
    private final int rowBytes;
    private final long memoryRows;
    private final Path folder;
    private final List<byte[]> inMemory = new ArrayList<>();
    private long rows;
    private @Nullable Path file;
    private @Nullable FileChannel channel;

    /**
     * Makes an empty table.
     *
     * @param columns floats in a row
     * @param maxMemoryBytes rows beyond this go to a file
     * @param folder for that file
     */
    FeatureTable(int columns, long maxMemoryBytes, Path folder) {
        this.rowBytes = Math.multiplyExact(columns, Float.BYTES);
        this.memoryRows = maxMemoryBytes / rowBytes;
        this.folder = folder;
    }

    /** Adds rows, all floats of one after the other, in the machine's byte order. */
    void append(ByteBuffer features) {
        while (features.hasRemaining()) {
            if (rows < memoryRows) {
                byte[] row = new byte[rowBytes];
                features.get(row);
                inMemory.add(row);
            } else {
                spill(features.slice().limit(rowBytes));
                features.position(features.position() + rowBytes);
            }
            rows++;
        }
    }

    /** Returns the rows asked for, one after the other, direct and in the machine's byte order. */
    ByteBuffer rows(int[] wanted) {
        ByteBuffer gathered = ByteBuffer.allocateDirect(Math.multiplyExact(wanted.length, rowBytes));
        for (int row : wanted) {
            if (row < inMemory.size()) {
                gathered.put(inMemory.get(row));
            } else {
                fetch(row, gathered);
            }
        }
        return gathered.flip().order(ByteOrder.nativeOrder());
    }

    long memoryBytes() {
        return (long) inMemory.size() * rowBytes;
    }

    private void spill(ByteBuffer row) {
        try {
            FileChannel target = channel == null ? open() : channel;
            long position = (rows - memoryRows) * rowBytes;
            while (row.hasRemaining()) {
                position += target.write(row, position);
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
        FileChannel source = channel;
        if (source == null || row >= rows) {
            throw new IllegalArgumentException("row " + row + " of " + rows);
        }
        try {
            ByteBuffer target = gathered.slice().limit(rowBytes);
            long position = (row - memoryRows) * rowBytes;
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
        inMemory.clear();
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
