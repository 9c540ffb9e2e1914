package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.image.file.Deadline;
import io.github.finetide.message.Faults;
import java.util.Arrays;

/**
 * A GIF frame's compressed data, read by the rules of Pillow's {@code libImaging/GifDecode.c}: a frame is whole as soon as
 * its last pixel is there, whatever follows, and damage that shows before is refused.
 */
final class GifLzw {
    private static final int MAX_CODE_BITS = 12;
    private static final int TABLE = 4096; // codes

    private final GifBlocks blocks;
    private final Rows rows;
    private final int first; // bits of a data byte
    private final int clear;
    private final int[] prefix = new int[TABLE];
    private final byte[] suffix = new byte[TABLE];
    private final byte[] string = new byte[TABLE];
    private int next;
    private int codeBits;
    private int last;
    private int lastCode;
    private boolean afterClear;

    private GifLzw(Bytes file, GifFile gif, Rows rows) {
        this.first = file.u8(gif.data());
        if (first > MAX_CODE_BITS) {
            throw damaged();
        }
        this.clear = 1 << first;
        this.blocks = new GifBlocks(file, gif.data() + 1);
        this.rows = rows;
    }

    /** The canvas as palette indices, row by row. */
    static byte[] canvas(Bytes file, GifFile gif, Deadline deadline) {
        byte[] indices = new byte[Math.multiplyExact(gif.width(), gif.height())];
        Arrays.fill(indices, (byte) gif.background());
        new GifLzw(file, gif, new Rows(gif, indices, deadline)).decode();
        return indices;
    }

    private void decode() {
        restart();
        while (!rows.complete()) {
            int code = blocks.read(codeBits);
            if (code == clear) {
                restart();
            } else if (code == clear + 1) {
                blocks.endOfData();
            } else if (afterClear) {
                firstAfterClear(code);
            } else {
                expand(code);
            }
        }
    }

    private void restart() {
        next = clear + 2;
        codeBits = first + 1;
        afterClear = true;
    }

    private void firstAfterClear(int code) {
        if (code > clear) {
            throw damaged();
        }
        last = code & 0xff;
        lastCode = code;
        afterClear = false;
        rows.put((byte) last);
    }

    private void expand(int code) {
        if (code > next) {
            throw damaged();
        }
        int start = TABLE;
        int link = code;
        if (code == next) {
            string[--start] = (byte) last;
            link = lastCode;
        }
        while (link >= clear) {
            if (start <= 0 || link >= TABLE) {
                throw damaged();
            }
            string[--start] = suffix[link];
            link = prefix[link];
        }
        last = link & 0xff;
        learn();
        lastCode = code;
        rows.put((byte) last);
        rows.put(string, start);
    }

    private void learn() {
        if (next < TABLE) {
            suffix[next] = (byte) last;
            prefix[next] = lastCode;
            if (next == (1 << codeBits) - 1 && codeBits < MAX_CODE_BITS) {
                codeBits++;
            }
            next++;
        }
    }

    private static RuntimeException damaged() {
        return Faults.undecodable("The GIF is damaged: its data hold a code that means nothing");
    }

    /** Where on the canvas the next pixel goes. */
    private static final class Rows {
        private static final int[] PASS_START = {0, 4, 2, 1};
        private static final int[] PASS_STEP = {8, 8, 4, 2};

        private final byte[] canvas;
        private final int canvasWidth;
        private final GifFile.Frame frame;
        private final Deadline deadline;
        private int pass;
        private int x;
        private int y;
        private int out;

        Rows(GifFile gif, byte[] canvas, Deadline deadline) {
            this.canvas = canvas;
            this.canvasWidth = gif.width();
            this.frame = gif.frame();
            this.deadline = deadline;
            if (frame.width() < 1 || frame.height() < 1) {
                throw Faults.undecodable("The GIF's first frame has no pixels");
            }
            beginRow();
        }

        boolean complete() {
            return y >= frame.height();
        }

        void put(byte[] string, int from) {
            for (int i = from; i < string.length && !complete(); i++) {
                put(string[i]);
            }
        }

        void put(byte index) {
            canvas[out++] = index;
            if (++x == frame.width()) {
                endRow();
            }
        }

        private void endRow() {
            deadline.check();
            y += frame.interlaced() ? PASS_STEP[pass] : 1;
            while (complete() && frame.interlaced() && pass < PASS_START.length - 1) {
                y = PASS_START[++pass];
            }
            if (!complete()) {
                beginRow();
            }
        }

        private void beginRow() {
            x = 0;
            out = (frame.top() + y) * canvasWidth + frame.left();
        }
    }
}
