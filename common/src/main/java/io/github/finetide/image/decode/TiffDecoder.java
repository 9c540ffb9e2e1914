package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import java.io.IOException;

/** The first page of a TIFF, turned as its orientation says: Pillow does that for TIFF, and only for TIFF. */
final class TiffDecoder {
    private TiffDecoder() {}

    static Pixels decode(ImageHeader header, byte[] bytes, Deadline deadline) throws IOException {
        TiffDirectory page = TiffDirectory.read(bytes);
        int orientation = page.orientation();
        boolean associatedAlpha = page.associatedAlpha();
        Pixels stored = BitmapDecoder.decode(header, page.bare(bytes), associatedAlpha, deadline);
        return orientation < 2 || orientation > 8 ? stored : turned(stored, orientation);
    }

    /** From the eight orientations of the standard to the first of them. */
    private static Pixels turned(Pixels stored, int orientation) {
        boolean transposed = orientation >= 5;
        boolean fromRight = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean fromBottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        int width = transposed ? stored.height() : stored.width();
        Pixels out = Pixels.black(width, transposed ? stored.width() : stored.height());
        for (int y = 0, o = 0; y < out.height(); y++) {
            for (int x = 0; x < width; x++, o += Pixels.CHANNELS) {
                int column = transposed ? y : x;
                int row = transposed ? x : y;
                int fromX = fromRight ? stored.width() - 1 - column : column;
                int fromY = fromBottom ? stored.height() - 1 - row : row;
                System.arraycopy(
                        stored.rgb(),
                        (fromY * stored.width() + fromX) * Pixels.CHANNELS,
                        out.rgb(),
                        o,
                        Pixels.CHANNELS);
            }
        }
        return out;
    }
}
