package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Palette;
import java.util.Arrays;

/** A PNG's rows, one after the other and pass by pass: unfiltered, and laid into the image. */
final class PngRows {
    private static final Pass[] INTERLACED = {
        new Pass(0, 0, 8, 8),
        new Pass(4, 0, 8, 8),
        new Pass(0, 4, 4, 8),
        new Pass(2, 0, 4, 4),
        new Pass(0, 2, 2, 4),
        new Pass(1, 0, 2, 2),
        new Pass(0, 1, 1, 2)
    };
    private static final Pass[] PLAIN = {new Pass(0, 0, 1, 1)};

    /** Every so many columns and rows, beginning with these. */
    private record Pass(int left, int top, int columns, int rows) {
        int width(int imageWidth) {
            return Math.max(0, (imageWidth - left + columns - 1) / columns);
        }
    }

    private final PngLayout layout; // of the frame
    private final Pixels pixels;
    private final int first; // byte of the frame's first pixel
    private final Pass[] passes;
    private final PngColors colors;
    private byte[] row; // the filter's number, then the pixels
    private byte[] previous;
    private int pass;
    private int y;
    private int filled;

    PngRows(PngLayout canvas, PngNeedless.Frame frame, Palette palette) {
        this.layout = canvas.sized(frame.width(), frame.height());
        this.pixels = Pixels.black(canvas.width(), canvas.height());
        this.first = (frame.top() * canvas.width() + frame.left()) * Pixels.CHANNELS;
        this.passes = layout.interlaced() ? INTERLACED : PLAIN;
        this.colors = new PngColors(layout, palette);
        this.row = new byte[1 + layout.rowBytes(layout.width())];
        this.previous = new byte[row.length];
        fill(palette);
    }

    /** Rows that never come are of index 0. */
    private void fill(Palette palette) {
        if (layout.color() == PngLayout.PALETTE) {
            byte[] zeros = new byte[pixels.width()];
            int step = zeros.length * Pixels.CHANNELS;
            for (int offset = 0; offset < pixels.rgb().length; offset += step) {
                palette.look(zeros, 0, zeros.length, pixels.rgb(), offset);
            }
        }
    }

    byte[] row() {
        return row;
    }

    int filled() {
        return filled;
    }

    int missing() {
        return 1 + rowBytes() - filled;
    }

    /** Notes so many more bytes of the row; returns whether it is whole. */
    boolean fill(int count) {
        filled += count;
        return missing() == 0;
    }

    boolean complete() {
        return y >= layout.height();
    }

    Pixels pixels() {
        return pixels;
    }

    void endRow() {
        PngFilters.undo(row, previous, rowBytes(), layout.pixelBytes());
        Pass current = passes[pass];
        int offset = first + (y * pixels.width() + current.left) * Pixels.CHANNELS;
        int step = current.columns * Pixels.CHANNELS;
        colors.convert(row, current.width(layout.width()), pixels.rgb(), offset, step);
        byte[] done = row;
        row = previous;
        previous = done;
        filled = 0;
        y += current.rows;
        while ((complete() || rowBytes() == 0) && pass < passes.length - 1) {
            y = passes[++pass].top;
            Arrays.fill(previous, (byte) 0);
        }
        if (rowBytes() == 0) {
            y = layout.height();
        }
    }

    private int rowBytes() {
        return layout.rowBytes(passes[pass].width(layout.width()));
    }
}
