package io.github.finetide.image.decode;

import io.github.finetide.image.file.Palette;

/** A PNG's unfiltered rows to RGB, as Pillow unpacks and converts them. */
final class PngColors {
    private final PngLayout layout;
    private final Palette palette;
    private final byte[] indices;

    PngColors(PngLayout layout, Palette palette) {
        this.layout = layout;
        this.palette = layout.color() == PngLayout.PALETTE ? palette : Palette.grey();
        this.indices = layout.samples() == 1 ? new byte[layout.width()] : new byte[0];
    }

    /**
     * @param row the filter's number, then so many pixels
     * @param step bytes from one pixel of the row to the next in the image
     */
    void convert(byte[] row, int count, byte[] out, int offset, int step) {
        if (layout.samples() == 1) {
            unpack(row, count);
            for (int i = 0; i < count; i++) {
                palette.look(indices, i, 1, out, offset + i * step);
            }
        } else {
            colors(row, count, out, offset, step);
        }
    }

    private void unpack(byte[] row, int count) {
        for (int i = 0; i < count; i++) {
            indices[i] = (byte) sample(row, i);
        }
    }

    /** An index, or a grey of 0..255; of 16 bits it is clipped, as Pillow does to integers. */
    private int sample(byte[] row, int i) {
        int depth = layout.depth();
        if (depth == 8) {
            return row[1 + i];
        }
        if (depth == 16) {
            return row[1 + 2 * i] == 0 ? row[2 + 2 * i] : 255;
        }
        int bit = i * depth;
        int highest = (1 << depth) - 1;
        int value = row[1 + bit / 8] >> (8 - depth - bit % 8) & highest;
        return layout.color() == PngLayout.PALETTE ? value : value * 255 / highest;
    }

    /** The high bytes of red, green and blue; or three times that of grey. */
    private void colors(byte[] row, int count, byte[] out, int offset, int step) {
        int bytes = layout.depth() / 8;
        int pixel = layout.pixelBytes();
        int channel = layout.samples() == 2 ? 0 : bytes;
        for (int i = 0, from = 1, o = offset; i < count; i++, from += pixel, o += step) {
            out[o] = row[from];
            out[o + 1] = row[from + channel];
            out[o + 2] = row[from + 2 * channel];
        }
    }
}
