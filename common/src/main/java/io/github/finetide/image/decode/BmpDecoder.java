package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Bytes;
import io.github.finetide.image.file.Deadline;
import io.github.finetide.message.Faults;

/** BMP of every kind that Pillow opens, with its pixels. */
final class BmpDecoder {
    private final byte[] bytes;
    private final BmpFile bmp;
    private final byte[] indices;

    private BmpDecoder(byte[] bytes, BmpFile bmp) {
        this.bytes = bytes;
        this.bmp = bmp;
        this.indices = new byte[bmp.width()];
    }

    static Pixels decode(byte[] bytes, Deadline deadline) {
        BmpFile bmp = BmpFile.read(bytes);
        boolean runs = bmp.layout() == BmpFile.Layout.RUNS_OF_4 || bmp.layout() == BmpFile.Layout.RUNS_OF_8;
        return runs ? fromRuns(bytes, bmp) : new BmpDecoder(bytes, bmp).decode(deadline);
    }

    private static Pixels fromRuns(byte[] bytes, BmpFile bmp) {
        byte[] indices = BmpRuns.read(bytes, bmp);
        Pixels out = Pixels.black(bmp.width(), bmp.height());
        for (int y = 0; y < bmp.height(); y++) {
            bmp.palette().look(indices, y * bmp.width(), bmp.width(), out.rgb(), offset(bmp, y));
        }
        return out;
    }

    private static int offset(BmpFile bmp, int row) {
        return (bmp.topDown() ? row : bmp.height() - 1 - row) * bmp.width() * Pixels.CHANNELS;
    }

    private Pixels decode(Deadline deadline) {
        long used = ((long) bmp.width() * bmp.bits() + 7) / 8;
        if (used > bmp.rowBytes()) {
            throw Faults.undecodable("The BMP's rows are shorter than its pixels");
        }
        new Bytes(bytes, false).within(bmp.data() + (bmp.height() - 1L) * bmp.rowBytes() + used);
        Pixels out = Pixels.black(bmp.width(), bmp.height());
        for (int y = 0, at = bmp.data(); y < bmp.height(); y++, at += bmp.rowBytes()) {
            deadline.check();
            row(at, out.rgb(), offset(bmp, y));
        }
        return out;
    }

    private void row(int at, byte[] out, int offset) {
        switch (bmp.layout()) {
            case INDEXED -> indexed(at, out, offset, 1);
            case BILEVEL -> indexed(at, out, offset, 255);
            case RGB_555 -> packed(at, out, offset, 5);
            case RGB_565 -> packed(at, out, offset, 6);
            case BGR -> colors(at, out, offset, 2, 1, 0);
            case XBGR -> colors(at, out, offset, 3, 2, 1);
            case RGB -> colors(at, out, offset, 0, 1, 2);
            case BGXR -> colors(at, out, offset, 3, 1, 0);
            default -> throw new IllegalStateException("Not in rows: " + bmp.layout());
        }
    }

    private void indexed(int at, byte[] out, int offset, int factor) {
        int bits = bmp.bits();
        for (int x = 0; x < indices.length; x++) {
            int bit = x * bits;
            int index = bytes[at + bit / 8] >> (8 - bits - bit % 8) & ((1 << bits) - 1);
            indices[x] = (byte) (index * factor);
        }
        bmp.palette().look(indices, 0, indices.length, out, offset);
    }

    /** Red, green and blue of 5 or 6 bits, widened with truncation. */
    private void packed(int at, byte[] out, int offset, int greenBits) {
        int green = (1 << greenBits) - 1;
        for (int x = 0, in = at, o = offset; x < bmp.width(); x++, in += 2, o += Pixels.CHANNELS) {
            int pixel = (bytes[in] & 0xff) | (bytes[in + 1] & 0xff) << 8;
            out[o] = (byte) ((pixel >> (5 + greenBits) & 31) * 255 / 31);
            out[o + 1] = (byte) ((pixel >> 5 & green) * 255 / green);
            out[o + 2] = (byte) ((pixel & 31) * 255 / 31);
        }
    }

    private void colors(int at, byte[] out, int offset, int red, int green, int blue) {
        int step = bmp.bits() / 8;
        for (int x = 0, in = at, o = offset; x < bmp.width(); x++, in += step, o += Pixels.CHANNELS) {
            out[o] = bytes[in + red];
            out[o + 1] = bytes[in + green];
            out[o + 2] = bytes[in + blue];
        }
    }
}
