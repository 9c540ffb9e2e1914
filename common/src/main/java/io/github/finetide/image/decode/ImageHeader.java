package io.github.finetide.image.decode;

import io.github.finetide.image.FileKind;
import io.github.finetide.image.file.Bytes;
import io.github.finetide.image.tiff.TiffDirectory;
import io.github.finetide.message.Faults;

/**
 * What a file says about its image, found by walking its structure without decoding anything: the first bytes decide the
 * format, so no reader ever guesses.
 */
record ImageHeader(Format format, int width, int height) {

    enum Format {
        JPEG,
        PNG,
        GIF,
        BMP,
        WEBP,
        TIFF
    }

    static ImageHeader read(byte[] file) {
        if (file.length == 0) {
            throw Faults.undecodable("The image is empty");
        }
        Bytes big = new Bytes(file, true);
        Bytes little = new Bytes(file, false);
        if (big.has(0, "\u00ff\u00d8\u00ff")) {
            JpegFile jpeg = JpegFile.header(big);
            return new ImageHeader(Format.JPEG, jpeg.width(), jpeg.height());
        }
        if (big.has(0, "\u0089PNG\r\n\u001a\n")) {
            return PngChunks.header(file);
        }
        if (big.has(0, "GIF87a") || big.has(0, "GIF89a")) {
            GifFile gif = GifFile.read(little);
            return new ImageHeader(Format.GIF, gif.width(), gif.height());
        }
        if (big.has(0, "BM")) {
            return BmpFile.header(little);
        }
        if (big.has(0, "RIFF") && big.has(8, "WEBP")) {
            return WebpChunks.header(little);
        }
        if (TiffDirectory.begins(big)) {
            TiffDirectory page = TiffDirectory.read(file);
            return new ImageHeader(Format.TIFF, page.width(), page.height());
        }
        String looks =
                FileKind.of(file).map(kind -> ": it looks like " + kind.words()).orElse("");
        throw Faults.undecodable("The file is no JPEG, PNG, GIF, BMP, WebP or TIFF image" + looks);
    }
}
