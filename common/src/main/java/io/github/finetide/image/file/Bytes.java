package io.github.finetide.image.file;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Numbers out of a file's bytes.
 *
 * <p>Reading past the end is {@code UNDECODABLE}: the file is cut off, or a length in it lies.
 */
public final class Bytes {
    private final byte[] bytes;
    private final boolean bigEndian;

    public Bytes(byte[] bytes, boolean bigEndian) {
        this.bytes = bytes;
        this.bigEndian = bigEndian;
    }

    public int length() {
        return bytes.length;
    }

    public int u8(int at) {
        if (at < 0 || at >= bytes.length) {
            throw endsBefore(at);
        }
        return bytes[at] & 0xff;
    }

    public int u16(int at) {
        return bigEndian ? u8(at) << 8 | u8(at + 1) : u8(at + 1) << 8 | u8(at);
    }

    public int u24(int at) {
        return bigEndian ? u16(at) << 8 | u8(at + 2) : u8(at + 2) << 16 | u16(at);
    }

    public long u32(int at) {
        return bigEndian ? (long) u16(at) << 16 | u16(at + 2) : (long) u16(at + 2) << 16 | u16(at);
    }

    /** Of 8 bytes; negative for what is larger than a long. */
    public long u64(int at) {
        return bigEndian ? u32(at) << 32 | u32(at + 4) : u32(at + 4) << 32 | u32(at);
    }

    /** A position or length that must lie within the file. */
    public int within(long position) {
        if (position < 0 || position > bytes.length) {
            throw endsBefore(position);
        }
        return (int) position;
    }

    private FaultException endsBefore(long position) {
        return Faults.undecodable(
                "The image is cut off: it ends at byte " + bytes.length + ", and byte " + position + " is needed");
    }

    public void copy(int from, int to, ByteArrayOutputStream out) {
        out.write(bytes, from, to - from);
    }

    public boolean has(int at, String ascii) {
        byte[] wanted = ascii.getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < wanted.length; i++) {
            if (at + i >= bytes.length || bytes[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
