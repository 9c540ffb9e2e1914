package io.github.finetide.deploy.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * A message in the wire format of Protocol Buffers, field by field in the order of the calls. Large contents are made when
 * they are written, one after the other.
 */
final class ProtoMessage {
    private static final int VARINT = 0;
    private static final int LENGTH_DELIMITED = 2;

    private record Piece(long size, Supplier<byte[]> bytes) {}

    private final List<Piece> pieces = new ArrayList<>();
    private long size;

    /** An integer or an enum. */
    ProtoMessage number(int field, long value) {
        ByteArrayOutputStream bytes = key(field, VARINT);
        varint(bytes, value);
        return add(bytes.toByteArray());
    }

    ProtoMessage text(int field, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return bytes(field, utf8.length, () -> utf8);
    }

    /** @param bytes gives as many as {@code length} says, each time it is asked */
    ProtoMessage bytes(int field, long length, Supplier<byte[]> bytes) {
        length(field, length);
        pieces.add(new Piece(length, bytes));
        size += length;
        return this;
    }

    /** @param message not changed afterwards */
    ProtoMessage message(int field, ProtoMessage message) {
        length(field, message.size);
        pieces.addAll(message.pieces);
        size += message.size;
        return this;
    }

    long size() {
        return size;
    }

    void writeTo(OutputStream out) throws IOException {
        for (Piece piece : pieces) {
            byte[] bytes = piece.bytes.get();
            if (bytes.length != piece.size) {
                throw new IllegalStateException(bytes.length + " bytes where " + piece.size + " were announced");
            }
            out.write(bytes);
        }
    }

    private void length(int field, long length) {
        ByteArrayOutputStream bytes = key(field, LENGTH_DELIMITED);
        varint(bytes, length);
        add(bytes.toByteArray());
    }

    private ProtoMessage add(byte[] bytes) {
        pieces.add(new Piece(bytes.length, () -> bytes));
        size += bytes.length;
        return this;
    }

    private static ByteArrayOutputStream key(int field, int wireType) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        varint(bytes, ((long) field << 3) | wireType);
        return bytes;
    }

    /** Seven bits a byte, the lowest first; the top bit says that more follow. */
    private static void varint(ByteArrayOutputStream bytes, long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }
}
