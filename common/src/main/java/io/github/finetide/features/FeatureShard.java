package io.github.finetide.features;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import io.github.finetide.tensor.ElementType;
import io.github.finetide.tensor.SafeTensors;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of rows: safetensors with {@code keys}, uint8 {@code [n, 32]}, and {@code features}, fp32 {@code [n, columns]}.
 *
 * @param features of all rows, little-endian
 */
record FeatureShard(List<RowKey> keys, int columns, ByteBuffer features) {
    /** What a worker that dies loses: with ResNet152 in fp32 less than a minute's work; in the index 16 KiB. */
    static final int MAX_ROWS = 512;

    /** Read into memory as a whole. */
    static final int MAX_BYTES = 64 << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Returns how many rows of so many floats go into one shard. */
    static int rows(int columns) {
        return Math.max(1, Math.min(MAX_ROWS, MAX_BYTES / 2 / (columns * Float.BYTES)));
    }

    void write(Path file) throws IOException {
        TensorData names = new TensorData(
                "keys", ElementType.U8, new long[] {keys.size(), RowKey.BYTES}, ByteBuffer.wrap(index(keys)));
        TensorData rows = new TensorData("features", ElementType.F32, new long[] {keys.size(), columns}, features);
        SafeTensors.write(file, StateDict.of(List.of(names, rows)));
    }

    /** The keys alone, one after the other. */
    static byte[] index(List<RowKey> keys) {
        byte[] bytes = new byte[keys.size() * RowKey.BYTES];
        ByteBuffer target = ByteBuffer.wrap(bytes);
        keys.forEach(key -> key.writeTo(target));
        return bytes;
    }

    static List<RowKey> keys(ByteBuffer index) {
        List<RowKey> keys = new ArrayList<>(index.remaining() / RowKey.BYTES);
        while (index.remaining() >= RowKey.BYTES) {
            keys.add(RowKey.read(index));
        }
        return keys;
    }

    /** Returns one row, little-endian. */
    ByteBuffer row(int number) {
        int bytes = columns * Float.BYTES;
        return features.slice(number * bytes, bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads a file whose name is the SHA-256 of its bytes.
     *
     * @throws FaultException INVALID if they are others, or hold something else
     */
    static FeatureShard read(String sha256, byte[] file) {
        if (!sha256.equals(Sha256.hex(file))) {
            throw damaged("its SHA-256 is " + Sha256.hex(file));
        }
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        try {
            int length = Math.toIntExact(bytes.getLong());
            JsonNode header = JSON.readTree(new String(file, Long.BYTES, length, StandardCharsets.UTF_8));
            int rows = header.path("keys").path("shape").path(0).asInt();
            int columns = header.path("features").path("shape").path(1).asInt();
            int keyBytes = rows * RowKey.BYTES;
            int start = Long.BYTES + length;
            List<RowKey> keys = keys(bytes.slice(start, keyBytes));
            return new FeatureShard(keys, columns, bytes.slice(start + keyBytes, rows * columns * Float.BYTES));
        } catch (IOException | RuntimeException notAShard) {
            throw damaged("it holds no rows of features");
        }
    }

    private static FaultException damaged(String reason) {
        return new FaultException(ErrorKind.INVALID, reason);
    }
}
