package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Bytes;
import io.github.finetide.image.file.Palette;
import io.github.finetide.message.Faults;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * A PNG's chunks, walked as Pillow's {@code PngImagePlugin} does: its header need not come first, checksums count up to the
 * pixels only, and what does not make pixels is refused where Pillow refuses it ({@link PngNeedless}).
 */
final class PngChunks {
    private static final int SIGNATURE = 8;
    private static final int BEFORE_DATA = 8; // length, type
    private static final int CHECKSUM = 4;
    private static final int SEQUENCE = 4; // bytes before the pixels of a fdAT

    private final Bytes file;
    private final byte[] bytes;
    private final PngNeedless needless;
    private @Nullable PngLayout layout;
    private Palette palette = Palette.grey();
    private int at = SIGNATURE;

    PngChunks(byte[] bytes) {
        this.file = new Bytes(bytes, true);
        this.bytes = bytes;
        this.needless = new PngNeedless(file, bytes);
    }

    static ImageHeader header(byte[] bytes) {
        PngLayout layout = new PngChunks(bytes).toPixels();
        return new ImageHeader(ImageHeader.Format.PNG, layout.width(), layout.height());
    }

    /** Reads up to the first chunk of pixels; returns the layout of these. */
    PngLayout toPixels() {
        while (layout == null || !isPixels()) { // pixels before a header are a chunk like any other
            if (!isChunk(at)) {
                throw Faults.undecodable("The PNG is damaged: a chunk has no name");
            }
            if (file.has(at + 4, "IEND")) {
                throw Faults.undecodable("The PNG holds no pixels");
            }
            int next = file.within(data() + file.u32(at) + CHECKSUM);
            note(next - CHECKSUM - data());
            checkSum(next);
            at = next;
        }
        needless.beginPixels(file.has(at + 4, "IDAT"));
        if (file.has(at + 4, "fdAT")) {
            needless.check("fdAT", data(), (int) Math.min(file.u32(at), Integer.MAX_VALUE), layout);
        }
        return known();
    }

    private PngLayout known() {
        if (layout == null) {
            throw Faults.undecodable("The PNG has no header before its pixels");
        }
        return layout;
    }

    private void note(int size) {
        if (file.has(at + 4, "IHDR")) {
            layout = PngLayout.read(file, data(), size, layout);
        } else if (file.has(at + 4, "PLTE")) {
            notePalette(size);
        } else {
            needless.check(name(), data(), size, layout);
        }
    }

    private boolean isPixels() {
        return file.has(at + 4, "IDAT") || file.has(at + 4, "fdAT");
    }

    private String name() {
        return "" + (char) file.u8(at + 4) + (char) file.u8(at + 5) + (char) file.u8(at + 6) + (char) file.u8(at + 7);
    }

    Palette palette() {
        return palette;
    }

    /** Where the first frame lies on the canvas. */
    PngNeedless.Frame frame() {
        return needless.frame(known());
    }

    /** The next chunk must be one of pixels, too: returns where its data begin. */
    int beginPixels() {
        if (!isPixels() && !file.has(at + 4, "DDAT")) {
            throw cutOff();
        }
        return data() + sequence();
    }

    private int sequence() {
        return file.has(at + 4, "fdAT") ? SEQUENCE : 0;
    }

    /** How many of the current chunk's bytes of pixels the file holds. */
    int size() {
        return (int) Math.min(file.u32(at), file.length() - data()) - sequence();
    }

    void next() {
        long next = data() + file.u32(at) + CHECKSUM;
        if (next > file.length()) {
            throw cutOff();
        }
        at = (int) next;
        if (file.has(at + 4, "fdAT")) {
            needless.check("fdAT", data(), (int) Math.min(file.u32(at), Integer.MAX_VALUE), layout);
        }
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
            if (file.has(at + 4, "fcTL") && needless.isAnimated()) {
                return;
            }
            file.within(data() + file.u32(at));
            note((int) file.u32(at));
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

    private void checkSum(int next) {
        CRC32 sum = new CRC32();
        sum.update(bytes, at + 4, next - at - 8);
        if (sum.getValue() != file.u32(next - CHECKSUM)) {
            throw Faults.undecodable("The PNG is damaged: a checksum does not match");
        }
    }

    /** Counts only behind a header of colours by index. */
    private void notePalette(int size) {
        if (layout == null || layout.color() != PngLayout.PALETTE) {
            return;
        }
        if (size / Pixels.CHANNELS > 256) {
            throw Faults.undecodable("The PNG's palette has more than 256 colours");
        }
        palette = Palette.of(bytes, data(), size / Pixels.CHANNELS);
    }

    private RuntimeException cutOff() {
        return Faults.undecodable("The image is cut off: it ends at byte " + file.length() + " within its pixels");
    }
}
