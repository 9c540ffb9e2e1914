package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Deadline;
import io.github.finetide.image.tiff.TiffColors;
import io.github.finetide.image.tiff.TiffDirectory;
import io.github.finetide.image.tiff.TiffLayout;
import io.github.finetide.image.tiff.TiffRaster;
import io.github.finetide.message.Faults;
import java.io.IOException;
import java.util.List;
import java.util.zip.DataFormatException;

/** The first page of a TIFF, turned as its orientation says: Pillow does that for TIFF, and only for TIFF. */
final class TiffDecoder {
    private TiffDecoder() {}

    /** Read by TwelveMonkeys: CCITT of three kinds, JPEG of two. */
    private static final List<Integer> BY_LIBRARY = List.of(2, 3, 4, 6, 7);

    static Pixels decode(ImageHeader header, byte[] bytes, Deadline deadline) throws IOException, DataFormatException {
        TiffDirectory page = TiffDirectory.read(bytes);
        int orientation = page.orientation();
        Pixels stored = stored(header, bytes, page, deadline);
        return orientation < 2 || orientation > 8 ? stored : turned(stored, orientation);
    }

    private static Pixels stored(ImageHeader header, byte[] bytes, TiffDirectory page, Deadline deadline)
            throws IOException, DataFormatException {
        TiffLayout layout = TiffLayout.read(page);
        if (layout.compressed() && !page.isComplete()) {
            throw Faults.undecodable("The TIFF is cut off within its directory");
        }
        if (BY_LIBRARY.contains(page.compression())) {
            return BitmapDecoder.decode(header, page.bare(bytes), layout.extra() == 1, deadline);
        }
        if (!TiffRaster.reads(page.compression())) {
            throw Faults.undecodable("A TIFF with compression " + page.compression() + " is not supported");
        }
        if (layout.photometric() == TiffLayout.YCBCR) {
            throw Faults.undecodable("A TIFF of YCbCr is supported as JPEG only");
        }
        return TiffColors.pixels(page, layout, TiffRaster.read(bytes, page, layout, deadline));
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
