package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Bytes;

/**
 * Grey images of 16 bits, as microscopes and scanners write them. Pillow's {@code convert("RGB")} does not scale them:
 * whatever is above 255 turns white, and so it does here.
 *
 * <p>See RATIONALE.md, Why does 16-bit grey come out nearly white?
 */
public final class WideGrey {
    private static final int MAX_ENTRIES = 200; // of a TIFF's first page; common ones have 20
    private static final int ENTRY_BYTES = 12;
    private static final int BITS = 258;
    private static final int PHOTOMETRIC = 262;
    private static final int SAMPLES = 277;

    /** One white pixel in so many is no accident. */
    private static final int WORTH_TELLING = 100;

    private WideGrey() {}

    /** Whether a file holds such an image, and part of it is white. */
    public static boolean turnedWhite(byte[] file, Pixels decoded) {
        return isWideGrey(file) && isPartlyWhite(decoded.rgb());
    }

    private static boolean isPartlyWhite(byte[] rgb) {
        int white = 0;
        for (int i = 0; i < rgb.length; i += Pixels.CHANNELS) {
            white += rgb[i] == (byte) 255 ? 1 : 0;
        }
        return white > 0 && (long) white * WORTH_TELLING >= rgb.length / Pixels.CHANNELS;
    }

    private static boolean isWideGrey(byte[] file) {
        Bytes big = new Bytes(file, true);
        if (big.has(0, "\u0089PNG")) {
            return big.u8(24) == 16 && big.u8(25) == 0;
        }
        return big.has(0, "II*\u0000")
                ? isWideGrey(new Bytes(file, false))
                : big.has(0, "MM\u0000*") && isWideGrey(big);
    }

    private static boolean isWideGrey(Bytes tiff) {
        int page = tiff.within(tiff.u32(4));
        int entries = Math.min(tiff.u16(page), MAX_ENTRIES);
        int bits = 1;
        int samples = 1;
        int photometric = 1;
        for (int at = page + 2; at < page + 2 + entries * ENTRY_BYTES; at += ENTRY_BYTES) {
            switch (tiff.u16(at)) {
                case BITS -> bits = tiff.u16(at + 8);
                case SAMPLES -> samples = tiff.u16(at + 8);
                case PHOTOMETRIC -> photometric = tiff.u16(at + 8);
                default -> {
                    // says nothing of grey
                }
            }
        }
        return bits == 16 && samples == 1 && photometric <= 1;
    }
}
