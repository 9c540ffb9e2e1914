package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.Faults;

/** A BMP's run-length coded indices, by the {@code BmpRleDecoder} of Pillow 10 (9 reads moves and odd runs wrong). */
final class BmpRuns {
    private static final int END_OF_LINE = 0;
    private static final int END = 1;
    private static final int MOVE = 2;

    private final Bytes file;
    private final boolean fours;
    private final int width;
    private final byte[] indices;
    private int at;
    private long filled; // indices, also those that a move passes over
    private int x;

    private BmpRuns(byte[] bytes, BmpFile bmp) {
        this.file = new Bytes(bytes, false);
        this.fours = bmp.layout() == BmpFile.Layout.RUNS_OF_4;
        this.width = bmp.width();
        this.indices = new byte[Math.multiplyExact(bmp.width(), bmp.height())];
        this.at = bmp.data();
    }

    /** Row by row as the file has them; what is not all there is refused. */
    static byte[] read(byte[] bytes, BmpFile bmp) {
        BmpRuns runs = new BmpRuns(bytes, bmp);
        boolean more = true;
        while (more && runs.filled < runs.indices.length) {
            more = runs.next();
        }
        if (runs.filled < runs.indices.length) {
            throw Faults.undecodable("The BMP is cut off or damaged: its runs end before its last pixel");
        }
        return runs.indices;
    }

    private boolean next() {
        if (at + 2 > file.length()) {
            return false;
        }
        int count = file.u8(at);
        int value = file.u8(at + 1);
        at += 2;
        if (count > 0) {
            repeat(Math.min(count, Math.max(0, width - x)), value);
            return true;
        }
        return switch (value) {
            case END_OF_LINE -> endLine();
            case END -> false;
            case MOVE -> move();
            default -> copy(value);
        };
    }

    private void repeat(int count, int value) {
        for (int i = 0; i < count; i++) {
            put(fours ? value >> (i % 2 == 0 ? 4 : 0) & 15 : value);
        }
        x += count;
    }

    private boolean endLine() {
        filled += (width - filled % width) % width;
        x = 0;
        return true;
    }

    private boolean move() {
        if (at + 2 > file.length()) {
            return false;
        }
        filled += file.u8(at) + (long) file.u8(at + 1) * width;
        at += 2;
        x = (int) (filled % width);
        return true;
    }

    private boolean copy(int count) {
        int wanted = (int) Math.min(count, indices.length - filled);
        int stored = fours ? (wanted + 1) / 2 : wanted;
        if (at + stored > file.length()) {
            return false;
        }
        for (int i = 0; i < wanted; i++) {
            put(fours ? file.u8(at + i / 2) >> (i % 2 == 0 ? 4 : 0) & 15 : file.u8(at + i));
        }
        x += count;
        at += stored;
        at += at % 2; // runs begin at even positions of the file
        return true;
    }

    private void put(int index) {
        if (filled < indices.length) {
            indices[(int) filled] = (byte) index;
        }
        filled++;
    }
}
