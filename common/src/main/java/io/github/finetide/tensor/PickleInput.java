package io.github.finetide.tensor;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** The arguments of a pickle's opcodes: little-endian numbers, strings with their length, lines. */
final class PickleInput {
    /** ResNet152's state dict is 0.1 MB; a training checkpoint with its arguments and history is not ten times that. */
    static final int MAX_BYTES = 64_000_000;

    private final InputStream in;
    private long left = MAX_BYTES;

    PickleInput(InputStream in) {
        this.in = in;
    }

    byte[] bytes(long count) throws IOException {
        left -= count;
        if (count < 0 || left < 0) {
            throw new PickleException("a value of " + count + " bytes: more than " + MAX_BYTES + " are not read");
        }
        byte[] bytes = in.readNBytes((int) count);
        if (bytes.length < count) {
            throw new EOFException("it is cut off");
        }
        return bytes;
    }

    int unsigned8() throws IOException {
        return bytes(1)[0] & 0xFF;
    }

    long unsigned16() throws IOException {
        return buffer(Short.BYTES).getShort() & 0xFFFFL;
    }

    long signed32() throws IOException {
        return buffer(Integer.BYTES).getInt();
    }

    long unsigned32() throws IOException {
        return buffer(Integer.BYTES).getInt() & 0xFFFF_FFFFL;
    }

    long signed64() throws IOException {
        return buffer(Long.BYTES).getLong();
    }

    /** The one number that pickles hold big-endian. */
    double float64() throws IOException {
        return ByteBuffer.wrap(bytes(Double.BYTES)).getDouble();
    }

    /** A two's complement number of any length; a {@code Long} where it fits. */
    Object integer(long length) throws IOException {
        byte[] little = bytes(length);
        byte[] big = new byte[little.length + 1];
        for (int i = 0; i < little.length; i++) {
            big[little.length - i] = little[i];
        }
        big[0] = (byte) (little.length > 0 && little[little.length - 1] < 0 ? -1 : 0);
        return small(new BigInteger(big));
    }

    static Object small(BigInteger number) {
        return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
    }

    /** A string; bytes that are no UTF-8 are nothing that a name is made of. */
    Object text(long length) throws IOException {
        byte[] bytes = bytes(length);
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException binary) {
            return new Unpickler.Opaque("string of bytes that is not UTF-8");
        }
    }

    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = unsigned8(); next != '\n'; next = unsigned8()) {
            line.append((char) next);
        }
        return line.toString();
    }

    private ByteBuffer buffer(int count) throws IOException {
        return ByteBuffer.wrap(bytes(count)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
