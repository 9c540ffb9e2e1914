package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.Faults;

/**
 * A GIF up to the data of its first frame, walked as Pillow does; what comes later is nobody's business.
 *
 * @param width of the canvas, which grows to hold the first frame, as in Pillow
 * @param frame the first frame's place on the canvas
 * @param palette position in the file of the first frame's palette, local or global; -1 for none (then it is grey)
 * @param background palette index around a smaller first frame: the transparent one, or 0
 * @param data position in the file of the code size, which the blocks of data follow
 */
record GifFile(int width, int height, Frame frame, int palette, int paletteSize, int background, int data) {

    /** In pixels. */
    record Frame(int left, int top, int width, int height, boolean interlaced) {}

    static GifFile read(Bytes file) {
        return new Walk(file).toFirstFrame();
    }

    private static int paletteBytes(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    private static final class Walk {
        private static final int TRAILER = 0x3b;
        private static final int EXTENSION = 0x21;
        private static final int IMAGE = 0x2c;
        private static final int GRAPHIC_CONTROL = 0xf9;
        private static final int APPLICATION = 0xff;
        private static final int SCREEN_BYTES = 13;
        private static final int DESCRIPTOR_BYTES = 10; // of an image, with the byte that announces it

        private final Bytes file;
        private int at;
        private int background;

        Walk(Bytes file) {
            this.file = file;
            this.at = SCREEN_BYTES + paletteBytes(file.u8(10));
        }

        GifFile toFirstFrame() {
            while (at < file.length() && file.u8(at) != TRAILER) {
                int kind = file.u8(at);
                if (kind == IMAGE) {
                    return frame();
                }
                at++;
                if (kind == EXTENSION) {
                    extension();
                }
            }
            throw Faults.undecodable("The GIF holds no image");
        }

        private void extension() {
            int label = file.u8(at);
            int block = at + 1;
            int size = file.u8(block);
            if (size == 0 && (label == GRAPHIC_CONTROL || label == APPLICATION)) {
                throw Faults.undecodable("The GIF is damaged: an extension is empty");
            }
            if (label == GRAPHIC_CONTROL) {
                graphicControl(block + 1, size);
            }
            at = block;
            while (at < file.length() && file.u8(at) != 0) {
                at += 1 + file.u8(at);
            }
            at++;
        }

        private void graphicControl(int block, int size) {
            boolean transparent = (file.u8(block) & 1) != 0;
            if (size < (transparent ? 4 : 3)) {
                throw Faults.undecodable("The GIF is damaged: a graphic control extension is too short");
            }
            file.u16(block + 1);
            background = transparent ? file.u8(block + 3) : background;
        }

        private GifFile frame() {
            int flags = file.u8(at + 9);
            int x = file.u16(at + 1);
            int y = file.u16(at + 3);
            Frame frame = new Frame(x, y, file.u16(at + 5), file.u16(at + 7), (flags & 0x40) != 0);
            int local = paletteBytes(flags);
            int global = paletteBytes(file.u8(10));
            int palette = local > 0 ? at + DESCRIPTOR_BYTES : global > 0 ? SCREEN_BYTES : -1;
            int data = at + DESCRIPTOR_BYTES + local;
            file.u8(data);
            return new GifFile(
                    Math.max(file.u16(6), x + frame.width),
                    Math.max(file.u16(8), y + frame.height),
                    frame,
                    palette,
                    (local > 0 ? local : global) / 3,
                    background,
                    data);
        }
    }
}
