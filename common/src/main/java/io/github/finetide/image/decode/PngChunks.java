package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.message.Faults;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * A PNG's chunks, walked as Pillow does. Only what makes the pixels is looked at: text and profiles may be bombs of their
 * own, transparency is dropped anyway. Checksums count up to the pixels only.
 */
final class PngChunks {
    private static final int SIGNATURE = 8;
    private static final int HEADER_BYTES = 13;
    private static final int BEFORE_DATA = 8; // length, type
    private static final int CHECKSUM = 4;

    /** Bytes below which Pillow refuses the file. */
    private static final Map<String, Integer> LEAST_BYTES =
            Map.of("IHDR", HEADER_BYTES, "gAMA", 4, "pHYs", 9, "sRGB", 1, "acTL", 8, "fcTL", 26);

    private final Bytes file;
    private final byte[] bytes;
    private Palette palette = Palette.grey();
    private int at = SIGNATURE;

    PngChunks(byte[] bytes) {
        this.file = new Bytes(bytes, true);
        this.bytes = bytes;
    }

    static ImageHeader header(Bytes file) {
        if (!file.has(SIGNATURE + 4, "IHDR")) {
            throw Faults.undecodable("The PNG does not begin with its header");
        }
        int width = (int) Math.min(file.u32(16), Integer.MAX_VALUE);
        int height = (int) Math.min(file.u32(20), Integer.MAX_VALUE);
        return new ImageHeader(ImageHeader.Format.PNG, width, height);
    }

    /** Reads up to the first chunk of pixels; returns the layout of these. */
    PngLayout toPixels() {
        while (!file.has(at + 4, "IDAT")) {
            if (file.has(at + 4, "IEND")) {
                throw Faults.undecodable("The PNG holds no pixels");
            }
            int next = file.within(data() + file.u32(at) + CHECKSUM);
            checkLength();
            checkSum(next);
            if (file.has(at + 4, "PLTE")) {
                notePalette(next - CHECKSUM - data());
            }
            at = next;
        }
        return PngLayout.read(file, SIGNATURE + BEFORE_DATA);
    }

    Palette palette() {
        return palette;
    }

    /** The next chunk must be one of pixels, too: returns where its data begin. */
    int beginPixels() {
        if (!file.has(at + 4, "IDAT")) {
            throw cutOff();
        }
        return data();
    }

    /** How many of the current chunk's bytes the file holds. */
    int size() {
        return (int) Math.min(file.u32(at), file.length() - data());
    }

    void next() {
        long next = data() + file.u32(at) + CHECKSUM;
        if (next > file.length()) {
            throw cutOff();
        }
        at = (int) next;
    }

    /**
     * Looks over what follows the pixels: it may be missing or be no chunk at all, but a chunk that begins must be there.
     */
    void checkRest() {
        while (true) {
            long next = data() + file.u32(at) + CHECKSUM;
            if (next + BEFORE_DATA > file.length() || !isChunk((int) next) || file.has((int) next + 4, "IEND")) {
                return;
            }
            at = (int) next;
            file.within(data() + file.u32(at));
            checkLength();
        }
    }

    private int data() {
        return at + BEFORE_DATA;
    }

    private boolean isChunk(int from) {
        for (int i = from + 4; i < from + BEFORE_DATA; i++) {
            int letter = file.u8(i);
            if (letter >= 0x80 || !(Character.isLetterOrDigit(letter) || letter == '_')) {
                return false;
            }
        }
        return true;
    }

    private void checkLength() {
        LEAST_BYTES.forEach((type, least) -> {
            if (file.has(at + 4, type) && file.u32(at) < least) {
                throw Faults.undecodable("The PNG is damaged: its " + type + " chunk is too short");
            }
        });
    }

    private void checkSum(int next) {
        CRC32 sum = new CRC32();
        sum.update(bytes, at + 4, next - at - 8);
        if (sum.getValue() != file.u32(next - CHECKSUM)) {
            throw Faults.undecodable("The PNG is damaged: a checksum does not match");
        }
    }

    private void notePalette(int size) {
        if (size / Pixels.CHANNELS > 256) {
            throw Faults.undecodable("The PNG's palette has more than 256 colours");
        }
        palette = Palette.of(bytes, data(), size / Pixels.CHANNELS);
    }

    private RuntimeException cutOff() {
        return Faults.undecodable("The image is cut off: it ends at byte " + file.length() + " within its pixels");
    }
}
