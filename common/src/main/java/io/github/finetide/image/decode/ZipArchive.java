package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;

/**
 * Whether a file is an image at its front and a zip archive (a jar, a document) at its back. Trailing bytes as such are
 * common and harmless: phones append videos to photos.
 *
 * <p>See RATIONALE.md, Why is a photo with trailing bytes accepted, and one with a zip archive at its end
 * refused?
 */
final class ZipArchive {
    private static final int END_RECORD = 22; // bytes, without its comment
    private static final int MAX_COMMENT = 65_535;

    private ZipArchive() {}

    /** Looks for an end record whose comment reaches exactly to the end of the file, as zip readers do. */
    static boolean endsIn(byte[] file) {
        Bytes bytes = new Bytes(file, false);
        int lowest = Math.max(0, file.length - END_RECORD - MAX_COMMENT);
        for (int at = file.length - END_RECORD; at >= lowest; at--) {
            if (file[at] == 'P'
                    && bytes.has(at, "PK\u0005\u0006")
                    && bytes.u16(at + 20) == file.length - END_RECORD - at
                    && bytes.u32(at + 12) <= at) {
                return true;
            }
        }
        return false;
    }
}
