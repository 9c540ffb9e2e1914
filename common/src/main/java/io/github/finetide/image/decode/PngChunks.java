package io.github.finetide.image.decode;

import io.github.finetide.message.Faults;

import java.io.ByteArrayOutputStream;
import java.util.zip.CRC32;

/**
 * A PNG's chunks. Only what makes the pixels is handed on: text and profiles may be bombs of their own, transparency is
 * dropped anyway.
 */
final class PngChunks {
    private static final int SIGNATURE = 8;
    private static final int AROUND_DATA = 12; // length, type, checksum

    private PngChunks() {}

    static ImageHeader header(Bytes file) {
        if (!file.has(SIGNATURE + 4, "IHDR")) {
            throw Faults.undecodable("The PNG does not begin with its header");
        }
        int width = (int) Math.min(file.u32(16), Integer.MAX_VALUE);
        int height = (int) Math.min(file.u32(20), Integer.MAX_VALUE);
        return new ImageHeader(ImageHeader.Format.PNG, width, height, 1);
    }

    /** The file reduced to IHDR, PLTE, IDAT and IEND, their checksums checked. */
    static byte[] essential(byte[] png) {
        Bytes file = new Bytes(png, true);
        ByteArrayOutputStream out = new ByteArrayOutputStream(png.length);
        out.write(png, 0, SIGNATURE);
        for (int at = SIGNATURE; ; ) {
            int next = file.within(at + AROUND_DATA + file.u32(at));
            boolean end = file.has(at + 4, "IEND");
            if (end || file.has(at + 4, "IHDR") || file.has(at + 4, "PLTE") || file.has(at + 4, "IDAT")) {
                checkSum(file, png, at, next);
                out.write(png, at, next - at);
            }
            if (end) {
                return out.toByteArray();
            }
            at = next;
        }
    }

    private static void checkSum(Bytes file, byte[] png, int at, int next) {
        CRC32 sum = new CRC32();
        sum.update(png, at + 4, next - at - 8);
        if (sum.getValue() != file.u32(next - 4)) {
            throw Faults.undecodable("The PNG is damaged: a checksum does not match");
        }
    }
}
