package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.Faults;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the only scan of a baseline JPEG is coded by.
 *
 * @param mcus of the scan
 * @param blocks of an MCU: each by its component's position in the scan
 * @param dcs tables of codes by component
 * @param acs tables of codes by component
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record JpegTables(int restartInterval, long mcus, int[] blocks, Codes[] dcs, Codes[] acs) {
    private static final int MAX_LENGTH = 16; // bits of a code

    Codes dc(int component) {
        return dcs[component];
    }

    Codes ac(int component) {
        return acs[component];
    }

    /** A table of Huffman codes, as a DHT segment has it. */
    static final class Codes {
        private final int[] highest = new int[MAX_LENGTH + 2];
        private final int[] offset = new int[MAX_LENGTH + 1];
        private final int[] short8 = new int[256];
        private final byte[] symbols;

        /** @param at position of the 16 counts */
        Codes(Bytes file, int at, int count) {
            symbols = new byte[256];
            for (int i = 0; i < count; i++) {
                symbols[i] = (byte) file.u8(at + MAX_LENGTH + i);
            }
            Arrays.fill(short8, -1);
            Arrays.fill(highest, -1);
            int code = 0;
            int first = 0;
            for (int length = 1; length <= MAX_LENGTH; length++) {
                int here = file.u8(at + length - 1);
                offset[length] = first - code;
                for (int i = 0; i < here && length <= 8; i++) {
                    fill(length, code + i, first + i);
                }
                code += here;
                first += here;
                highest[length] = here > 0 ? code - 1 : -1;
                code <<= 1;
            }
            highest[MAX_LENGTH + 1] = Integer.MAX_VALUE;
        }

        private void fill(int length, int code, int index) {
            int from = code << (8 - length);
            for (int i = from; i < Math.min(256, from + (1 << (8 - length))); i++) {
                short8[i] = length << 8 | (symbols[index] & 0xff);
            }
        }

        /** For 8 bits the length of the code that begins them, and behind it in the low byte its symbol; -1 if it is longer. */
        int lookup(int eight) {
            return short8[eight];
        }

        /** The highest code of so many bits; -1 if there is none. */
        int highest(int length) {
            return highest[length];
        }

        int symbol(int length, int code) {
            return length > MAX_LENGTH ? 0 : symbols[code + offset[length] & 0xff] & 0xff;
        }
    }

    /**
     * Reads the tables of a file up to its scan.
     *
     * @param frame position of the frame's length
     * @param scan position of the scan's length
     */
    static JpegTables read(Bytes file, int frame, int scan) {
        Codes[][] tables = new Codes[2][4];
        int restart = 0;
        for (int at = 2; at < scan - 2; ) {
            while (file.u8(at) != 0xff || file.u8(at + 1) == 0xff || file.u8(at + 1) == 0) {
                at++;
            }
            int code = file.u8(at + 1);
            int end = at + 2 + file.u16(at + 2);
            if (code == 0xdd) {
                restart = file.u16(at + 4);
            }
            for (int table = at + 4; code == 0xc4 && table + 17 <= end; ) {
                int count = 0;
                for (int i = 1; i <= MAX_LENGTH; i++) {
                    count += file.u8(table + i);
                }
                if ((file.u8(table) & 0xef) > 3 || count > 256) {
                    throw Faults.undecodable("The JPEG is damaged: a table of codes is none");
                }
                tables[file.u8(table) >> 4][file.u8(table) & 3] = new Codes(file, table + 1, count);
                table += 17 + count;
            }
            at = end;
        }
        return of(file, frame, scan, restart, tables);
    }

    private static JpegTables of(Bytes file, int frame, int scan, int restart, Codes[][] tables) {
        int count = file.u8(scan + 2);
        Codes[] dcs = new Codes[count];
        Codes[] acs = new Codes[count];
        int widest = 1;
        int tallest = 1;
        int blocks = 0;
        int[] inMcu = new int[10 * 16];
        for (int i = 0; i < count; i++) {
            int component = component(file, frame, file.u8(scan + 3 + 2 * i));
            int factors = file.u8(component + 1);
            widest = Math.max(widest, factors >> 4);
            tallest = Math.max(tallest, factors & 15);
            for (int block = 0;
                    block < (count == 1 ? 1 : (factors >> 4) * (factors & 15)) && blocks < inMcu.length;
                    block++) {
                inMcu[blocks++] = i;
            }
            dcs[i] = known(tables[0][file.u8(scan + 4 + 2 * i) >> 4 & 3]);
            acs[i] = known(tables[1][file.u8(scan + 4 + 2 * i) & 3]);
        }
        long across = (file.u16(frame + 5) + 8L * (count == 1 ? 1 : widest) - 1) / (8L * (count == 1 ? 1 : widest));
        long down = (file.u16(frame + 3) + 8L * (count == 1 ? 1 : tallest) - 1) / (8L * (count == 1 ? 1 : tallest));
        return new JpegTables(restart, across * down, Arrays.copyOf(inMcu, blocks), dcs, acs);
    }

    private static Codes known(@Nullable Codes codes) {
        if (codes == null) {
            throw Faults.undecodable("The JPEG is damaged: a table of codes is missing");
        }
        return codes;
    }

    private static int component(Bytes file, int frame, int id) {
        for (int i = 0; i < file.u8(frame + 7); i++) {
            if (file.u8(frame + 8 + 3 * i) == id) {
                return frame + 8 + 3 * i;
            }
        }
        throw Faults.undecodable("The JPEG's scan names a component that it does not have");
    }
}
