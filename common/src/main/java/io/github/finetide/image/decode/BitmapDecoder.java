package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Deadline;
import io.github.finetide.message.Faults;
import java.awt.image.BufferedImage;
import java.io.IOException;

/** WebP and TIFF, whose readers hand out plain bitmaps. */
final class BitmapDecoder {
    private BitmapDecoder() {}

    static Pixels decode(ImageHeader header, byte[] bytes, Deadline deadline) throws IOException {
        return decode(header, bytes, false, deadline);
    }

    /** @param associatedAlpha whether colours are stored multiplied by their opacity */
    static Pixels decode(ImageHeader header, byte[] bytes, boolean associatedAlpha, Deadline deadline)
            throws IOException {
        BufferedImage image = Readers.read(header.format(), bytes, deadline, reader -> reader.read(0));
        if (image.getWidth() > header.width() || image.getHeight() > header.height()) {
            throw Faults.undecodable("The image is larger than its header says");
        }
        return RasterColors.toPixels(image, associatedAlpha);
    }
}
