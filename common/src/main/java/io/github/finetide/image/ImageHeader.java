package io.github.finetide.image;

import java.util.HashSet;
import java.util.Set;

/**
 * What a file says about its image, found by walking its structure without decoding anything: the first bytes decide the
 * format, so no reader ever guesses.
 */
record ImageHeader(Format format, int width, int height, int frames) {

    enum Format {
        JPEG,
        PNG,
        GIF,
        BMP,
        WEBP,
        TIFF
    }

    /** @param maxFrames beyond which pages are not looked for: a file can hold millions of lists that overlap */
    static ImageHeader read(byte[] file, int maxFrames) {
        Bytes big = new Bytes(file, true);
        Bytes little = new Bytes(file, false);
        if (big.has(0, "\u00ff\u00d8\u00ff")) {
            JpegFile jpeg = JpegFile.header(big);
            return new ImageHeader(Format.JPEG, jpeg.width(), jpeg.height(), 1);
        }
        if (big.has(0, "\u0089PNG\r\n\u001a\n")) {
            return PngChunks.header(big);
        }
        if (big.has(0, "GIF87a") || big.has(0, "GIF89a")) {
            GifFile gif = GifFile.read(little);
            return new ImageHeader(Format.GIF, gif.width(), gif.height(), 1);
        }
        if (big.has(0, "BM")) {
            return BmpFile.header(little);
        }
        if (big.has(0, "RIFF") && big.has(8, "WEBP")) {
            return WebpChunks.header(little);
        }
        if (big.has(0, "II*\u0000")) {
            return tiff(little, maxFrames);
        }
        if (big.has(0, "MM\u0000*")) {
            return tiff(big, maxFrames);
        }
        throw Faults.undecodable("The file is no JPEG, PNG, GIF, BMP, WebP or TIFF image");
    }

    private static ImageHeader tiff(Bytes file, int maxPages) {
        Set<Integer> seen = new HashSet<>();
        TiffDirectory first = null;
        for (int at = file.within(file.u32(4)); at != 0 && seen.size() <= maxPages; ) {
            if (!seen.add(at)) {
                throw Faults.undecodable("The TIFF's list of pages runs in a circle");
            }
            TiffDirectory page = TiffDirectory.read(file, at);
            first = first == null ? page : first;
            at = page.next();
        }
        if (first == null) {
            throw Faults.undecodable("The TIFF has no page");
        }
        return new ImageHeader(Format.TIFF, first.width(), first.height(), seen.size());
    }
}
