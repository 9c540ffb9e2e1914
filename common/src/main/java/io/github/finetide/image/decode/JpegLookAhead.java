package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;

/**
 * Whether libjpeg-turbo would come to the end of the only scan of a JPEG that has no end marker. It asks for a byte as soon
 * as fewer bits than it may need are left over, and Pillow has none to give behind the file's end: then the image is cut
 * off, although all of it may be there. So bits are counted here as {@code jdhuff.c} takes them (its 64-bit build), and
 * bytes come in pieces as Pillow hands them over.
 */
final class JpegLookAhead {
    private static final int PIECE = 65_536; // bytes: ImageFile.MAXBLOCK
    private static final int FULL = 57; // bits: MIN_GET_BITS
    private static final int LOOKED_AT = 8; // bits: HUFF_LOOKAHEAD
    private static final int FAST_BELOW = 16; // bits
    private static final int FAST_BYTES = 6;
    private static final int FAST_BLOCK = 512; // bytes that must be there for each block of an MCU
    private static final int BLOCK = 64; // coefficients

    /** A file without the bytes that a fill asks for. */
    private static final class SuspendedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        SuspendedException() {
            super("more bytes are needed", null, false, false);
        }
    }

    private final Bytes file;
    private final JpegTables tables;
    private int at;
    private int pieceEnd;
    private long bits;
    private int bitCount;
    private boolean atMarker;
    private boolean out; // of data: the rest is grey

    JpegLookAhead(Bytes file, JpegTables tables, int scanData) {
        this.file = file;
        this.tables = tables;
        this.at = scanData;
        this.pieceEnd = Math.min(file.length(), (scanData / PIECE + 1) * PIECE);
    }

    boolean reachesEnd() {
        int untilRestart = tables.restartInterval();
        for (long mcu = 0; mcu < tables.mcus(); mcu++) {
            if (tables.restartInterval() > 0 && untilRestart == 0) {
                if (!restart()) {
                    return false;
                }
                untilRestart = tables.restartInterval();
            }
            if (!out && !mcu()) {
                return false;
            }
            untilRestart--;
        }
        return true;
    }

    /** The marker must be the next one; what else libjpeg does to find its place again is not followed. */
    private boolean restart() {
        while (!atMarker && at + 1 < file.length() && !isRestart(at)) {
            at++;
        }
        at += atMarker ? 0 : 2; // a marker that was met has been read over
        bits = 0;
        bitCount = 0;
        atMarker = false;
        out = false;
        while (at > pieceEnd && pieceEnd < file.length()) {
            nextPiece();
        }
        return at <= file.length();
    }

    private boolean isRestart(int from) {
        return file.u8(from) == 0xff && (file.u8(from + 1) & 0xf8) == 0xd0;
    }

    private void nextPiece() {
        pieceEnd = (int) Math.min(file.length(), pieceEnd + (long) PIECE);
    }

    private boolean mcu() {
        while (true) {
            int startAt = at;
            long startBits = bits;
            int startCount = bitCount;
            boolean startMarker = atMarker;
            boolean fast =
                    tables.restartInterval() == 0 && pieceEnd - at >= FAST_BLOCK * tables.blocks().length && !atMarker;
            try {
                if (fast && blocks(true)) {
                    return true;
                }
                if (fast) {
                    at = startAt;
                    bits = startBits;
                    bitCount = startCount;
                    atMarker = startMarker;
                }
                return blocks(false);
            } catch (SuspendedException e) {
                if (pieceEnd >= file.length()) {
                    return false;
                }
                at = startAt;
                bits = startBits;
                bitCount = startCount;
                atMarker = startMarker;
                nextPiece();
            }
        }
    }

    /** Returns whether no marker came in the way of the fast decoder. */
    private boolean blocks(boolean fast) {
        boolean[] marker = new boolean[1];
        for (int component : tables.blocks()) {
            int size = symbol(tables.dc(component), fast, marker);
            take(size & 15, fast, marker);
            JpegTables.Codes ac = tables.ac(component);
            for (int k = 1; k < BLOCK; k++) {
                int symbol = symbol(ac, fast, marker);
                if ((symbol & 15) != 0) {
                    k += symbol >> 4;
                    take(symbol & 15, fast, marker);
                } else if (symbol >> 4 == 15) {
                    k += 15;
                } else {
                    break;
                }
            }
        }
        return !marker[0];
    }

    private int symbol(JpegTables.Codes codes, boolean fast, boolean[] marker) {
        int least = 1;
        if (fast) {
            fillFast(marker);
        } else if (bitCount < LOOKED_AT) {
            fill(0);
        }
        if (bitCount >= LOOKED_AT) {
            int known = codes.lookup((int) (bits >>> (bitCount - LOOKED_AT)) & 0xff);
            if (known >= 0) {
                bitCount -= known >> 8;
                return known & 0xff;
            }
            least = LOOKED_AT + 1;
        }
        return slowly(codes, least, fast);
    }

    private int slowly(JpegTables.Codes codes, int least, boolean fast) {
        int length = least;
        int code = bits(length, fast);
        while (code > codes.highest(length)) {
            code = code << 1 | bits(1, fast);
            length++;
        }
        return codes.symbol(length, code);
    }

    private int bits(int count, boolean fast) {
        if (!fast && bitCount < count) {
            fill(count);
        }
        bitCount -= count;
        return (int) (bits >>> Math.max(0, bitCount)) & (1 << count) - 1;
    }

    private void take(int count, boolean fast, boolean[] marker) {
        if (count > 0) {
            if (fast) {
                fillFast(marker);
            }
            bits(count, fast);
        }
    }

    private void fillFast(boolean[] marker) {
        if (bitCount > FAST_BELOW) {
            return;
        }
        for (int i = 0; i < FAST_BYTES; i++) {
            int next = file.u8(at++);
            if (next == 0xff) {
                if (file.u8(at) != 0) {
                    marker[0] = true;
                    at--;
                    next = 0;
                } else {
                    at++;
                }
            }
            bits = bits << 8 | next;
            bitCount += 8;
        }
    }

    private void fill(int needed) {
        while (!atMarker && bitCount < FULL) {
            int next = next();
            if (next == 0xff) {
                do {
                    next = next();
                } while (next == 0xff);
                if (next != 0) {
                    atMarker = true;
                    break;
                }
                next = 0xff;
            }
            bits = bits << 8 | next;
            bitCount += 8;
        }
        if (atMarker && needed > bitCount) {
            out = true;
            bits <<= FULL - bitCount;
            bitCount = FULL;
        }
    }

    private int next() {
        if (at >= pieceEnd) {
            throw new SuspendedException();
        }
        return file.u8(at++);
    }
}
