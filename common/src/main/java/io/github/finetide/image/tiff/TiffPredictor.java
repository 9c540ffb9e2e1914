package io.github.finetide.image.tiff;

import io.github.finetide.message.Faults;

/** Differences from one pixel to the next, undone as libtiff's {@code tif_predict.c} does. */
final class TiffPredictor {
    private static final int HORIZONTAL = 2;
    private static final int FLOATING = 3;

    private TiffPredictor() {}

    /** @param stride samples between a sample and the one of the same meaning to its left */
    static void undo(int predictor, byte[] row, int from, int bytes, int stride, TiffLayout layout) {
        int width = layout.bits() / 8;
        if (predictor == HORIZONTAL && (layout.bits() == 8 || layout.bits() == 16 || layout.bits() == 32)) {
            sums(row, from, bytes, stride * width, width, layout.littleEndian());
        } else if (predictor == FLOATING && layout.sampleFormat() == TiffLayout.FLOATING) {
            sums(row, from, bytes, stride, 1, true);
            gather(row, from, bytes, width, layout.littleEndian());
        } else {
            throw Faults.undecodable(
                    "The TIFF's predictor " + predictor + " is none for samples of " + layout.bits() + " bits");
        }
    }

    private static void sums(byte[] row, int from, int bytes, int distance, int width, boolean littleEndian) {
        for (int at = from + distance; at + width <= from + bytes; at += width) {
            int carry = 0;
            for (int i = 0; i < width; i++) {
                int digit = at + (littleEndian ? i : width - 1 - i);
                int sum = (row[digit] & 0xff) + (row[digit - distance] & 0xff) + carry;
                row[digit] = (byte) sum;
                carry = sum >> 8;
            }
        }
    }

    /** The high bytes of all numbers come first, then the next ones. */
    private static void gather(byte[] row, int from, int bytes, int width, boolean littleEndian) {
        byte[] apart = new byte[bytes];
        System.arraycopy(row, from, apart, 0, bytes);
        int count = bytes / width;
        for (int i = 0; i < count; i++) {
            for (int digit = 0; digit < width; digit++) {
                int to = littleEndian ? width - 1 - digit : digit;
                row[from + i * width + to] = apart[digit * count + i];
            }
        }
    }
}
