package io.github.finetide.image.tiff;

/** LZW as TIFF has it: codes from the high bits on, each width left one code early. */
final class TiffLzw {
    private static final int CLEAR = 256;
    private static final int END = 257;
    private static final int FIRST = 258;
    private static final int TABLE = 4096; // codes
    private static final int MIN_BITS = 9;
    private static final int MAX_BITS = 12;

    private final byte[] compressed;
    private final byte[] out;
    private final int[] start = new int[TABLE]; // a code's string is a piece of what is already out
    private final int[] length = new int[TABLE];
    private int at;
    private int bits;
    private int bitCount;
    private int filled;

    private TiffLzw(byte[] compressed, int size) {
        this.compressed = compressed;
        this.out = new byte[size];
    }

    static byte[] decode(byte[] compressed, int size) {
        TiffLzw lzw = new TiffLzw(compressed, size);
        lzw.decode();
        return lzw.out;
    }

    private void decode() {
        int width = MIN_BITS;
        int next = FIRST;
        int last = CLEAR;
        while (filled < out.length) {
            int code = read(width);
            if (code == END) {
                throw TiffCodecs.cutOff();
            }
            if (code == CLEAR) {
                width = MIN_BITS;
                next = FIRST;
                last = CLEAR;
                continue;
            }
            if (last == CLEAR ? code >= CLEAR : code > next || next >= TABLE) {
                throw TiffCodecs.cutOff();
            }
            int from = filled;
            if (last != CLEAR) {
                // The new string is the last one and the byte behind it, which this code brings.
                start[next] = from - lengthOf(last);
                length[next] = lengthOf(last) + 1;
                next++;
            }
            put(code);
            width = Math.min(MAX_BITS, Math.max(width, bitsFor(next + 1)));
            last = code;
        }
    }

    /** @param count codes up to the one after the next */
    private static int bitsFor(int count) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(count);
    }

    private int lengthOf(int code) {
        return code < CLEAR ? 1 : length[code];
    }

    private void put(int code) {
        if (code < CLEAR) {
            out[filled++] = (byte) code;
            return;
        }
        int count = Math.min(length[code], out.length - filled);
        for (int i = 0; i < count; i++) {
            out[filled + i] = out[start[code] + i]; // byte by byte: a string may reach into itself
        }
        filled += count;
    }

    private int read(int count) {
        while (bitCount < count) {
            if (at >= compressed.length) {
                throw TiffCodecs.cutOff();
            }
            bits = bits << 8 | (compressed[at++] & 0xff);
            bitCount += 8;
        }
        bitCount -= count;
        return bits >> bitCount & (1 << count) - 1;
    }
}
