package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Bytes;
import io.github.finetide.image.file.Palette;
import io.github.finetide.message.Faults;
import java.util.Arrays;
import java.util.List;

/**
 * A BMP's headers, read as Pillow's {@code BmpImagePlugin} does: neither the file's size nor the number of planes counts,
 * and where the pixels' position cannot be they follow the palette.
 *
 * @param bits of a pixel
 * @param rowBytes from one row to the next
 * @param layout of the pixels
 * @param data position of the first pixel
 */
record BmpFile(
        int width, int height, boolean topDown, int bits, int rowBytes, Layout layout, int data, Palette palette) {

    /** What a pixel is: an index (packed in bits or in runs), or colours. */
    enum Layout {
        INDEXED,
        /** One bit for black or white. */
        BILEVEL,
        RUNS_OF_4,
        RUNS_OF_8,
        RGB_555,
        RGB_565,
        BGR,
        XBGR,
        RGB,
        BGXR
    }

    static BmpFile read(byte[] bytes) {
        return new Headers(new Bytes(bytes, false)).read();
    }

    static ImageHeader header(Bytes file) {
        Headers headers = new Headers(file);
        int height = (int) Math.min(headers.height(), Integer.MAX_VALUE);
        int width = (int) Math.min(headers.width(), Integer.MAX_VALUE);
        return new ImageHeader(ImageHeader.Format.BMP, width, height);
    }

    private static final class Headers {
        private static final int START = 14;
        private static final int OLD = 12; // bytes of the first header of OS/2
        private static final int WINDOWS = 40; // bytes of the first header of Windows
        private static final List<Integer> SIZES = List.of(OLD, WINDOWS, 52, 56, 64, 108, 124);
        private static final int RUNS_OF_8 = 1;
        private static final int RUNS_OF_4 = 2;
        private static final int MASKS = 3;
        private static final int MAX_COLORS = 65_536; // Pillow's

        private final Bytes file;
        private final int size;

        Headers(Bytes file) {
            this.file = file;
            this.size = (int) Math.min(file.u32(START), Integer.MAX_VALUE);
            if (!SIZES.contains(size)) {
                throw Faults.undecodable("A BMP with a header of " + size + " bytes is not supported");
            }
            file.within(START + (long) size);
        }

        private boolean old() {
            return size == OLD;
        }

        long width() {
            return old() ? file.u16(18) : file.u32(18);
        }

        long height() {
            long height = old() ? file.u16(20) : file.u32(22);
            return topDown() ? (1L << 32) - height : height;
        }

        private boolean topDown() {
            return !old() && file.u8(25) == 0xff;
        }

        private int bits() {
            return file.u16(old() ? 24 : 28);
        }

        private long compression() {
            return old() ? 0 : file.u32(30);
        }

        private int colors() {
            long colors = old() ? 0 : file.u32(46);
            if (colors > MAX_COLORS) {
                throw Faults.undecodable("The BMP has a palette of " + colors + " colours");
            }
            return colors == 0 ? 1 << bits() : (int) colors;
        }

        private int colorBytes() {
            return old() ? 3 : 4;
        }

        BmpFile read() {
            boolean indexed = bits() == 1 || bits() == 4 || bits() == 8;
            if (!indexed && bits() != 16 && bits() != 24 && bits() != 32) {
                throw Faults.undecodable("A BMP of " + bits() + " bits a pixel is not supported");
            }
            int rowBytes = (int) ((width() * bits() + 31) / 32 * 4);
            return indexed
                    ? indexed(rowBytes)
                    : file(bits(), rowBytes, colored(), data(afterHeaders()), Palette.grey());
        }

        private BmpFile file(int bits, int rowBytes, Layout layout, int data, Palette palette) {
            return new BmpFile((int) width(), (int) height(), topDown(), bits, rowBytes, layout, data, palette);
        }

        private BmpFile indexed(int rowBytes) {
            int from = START + size;
            int colors = colors();
            int present = Math.min(colors, (file.length() - from) / colorBytes());
            int data = data(Math.min(from + colors * colorBytes(), file.length()));
            boolean runs = compression() == RUNS_OF_4 || compression() == RUNS_OF_8;
            if (!runs && compression() != 0) {
                throw unsupported();
            }
            boolean grey = present == colors && isGrey(from, colors);
            if (runs) {
                Layout layout = compression() == RUNS_OF_4 ? Layout.RUNS_OF_4 : Layout.RUNS_OF_8;
                return file(bits(), rowBytes, layout, data, palette(from, present));
            }
            if (grey) { // Pillow drops such a palette and takes bits or bytes for the grey, whatever the header says
                boolean two = colors == 2;
                return file(two ? 1 : 8, rowBytes, two ? Layout.BILEVEL : Layout.INDEXED, data, Palette.grey());
            }
            return file(bits(), rowBytes, Layout.INDEXED, data, palette(from, present));
        }

        private boolean isGrey(int from, int colors) {
            for (int i = 0; i < colors; i++) {
                int grey = colors == 2 ? i * 255 : i & 0xff;
                for (int c = 0; c < Pixels.CHANNELS; c++) {
                    if (file.u8(from + i * colorBytes() + c) != grey) {
                        return false;
                    }
                }
            }
            return true;
        }

        private Palette palette(int from, int colors) {
            if (colors > 256) {
                throw Faults.undecodable("The BMP has a palette of " + colors + " colours");
            }
            Palette palette = Palette.grey();
            for (int i = 0; i < colors; i++) {
                int at = from + i * colorBytes();
                palette.set(i, file.u8(at + 2), file.u8(at + 1), file.u8(at));
            }
            return palette;
        }

        private int afterHeaders() {
            return START + size + (compression() == MASKS && size == WINDOWS ? 12 : 0);
        }

        private int data(int afterAll) {
            long offset = file.u32(10);
            if (offset == START + size && bits() <= 8) {
                offset += 4L * colors(); // as Pillow counts them, whatever the header's kind
            }
            return offset == 0 ? afterAll : file.within(offset);
        }

        private Layout colored() {
            if (compression() == 0) {
                return bits() == 16 ? Layout.RGB_555 : Layout.BGR;
            }
            if (compression() != MASKS) {
                throw unsupported();
            }
            return masked();
        }

        private Layout masked() {
            int[] masks = new int[4];
            for (int i = 0; i < (size < 56 ? 3 : 4); i++) {
                masks[i] = (int) file.u32(54 + 4 * i);
            }
            if (bits() < 32) {
                masks[3] = 0;
            }
            return switch (bits() + Arrays.toString(masks)) {
                case "16[63488, 2016, 31, 0]" -> Layout.RGB_565;
                case "16[31744, 992, 31, 0]" -> Layout.RGB_555;
                case "24[16711680, 65280, 255, 0]",
                        "32[16711680, 65280, 255, 0]",
                        "32[16711680, 65280, 255, -16777216]",
                        "32[0, 0, 0, 0]" -> Layout.BGR;
                case "32[-16777216, 16711680, 65280, 0]", "32[-16777216, 16711680, 65280, 255]" -> Layout.XBGR;
                case "32[255, 65280, 16711680, -16777216]" -> Layout.RGB;
                case "32[-16777216, 65280, 255, 0]", "32[-16777216, 65280, 255, 16711680]" -> Layout.BGXR;
                default -> throw Faults.undecodable("A BMP with such colour masks is not supported");
            };
        }

        private RuntimeException unsupported() {
            long compression = compression();
            return Faults.undecodable(
                    compression == 4 || compression == 5
                            ? "A BMP that holds a JPEG or PNG is not supported"
                            : "A BMP with compression " + compression + " is not supported");
        }
    }
}
