package io.github.finetide.image.decode;

import io.github.finetide.message.Faults;

/**
 * A GIF's structure.
 *
 * @param width of the canvas, which grows to hold the first frame, as in Pillow
 * @param left of the first frame on the canvas
 * @param palette position in the file of the first frame's palette, local or global; -1 for none (then it is grey)
 * @param background palette index around a smaller first frame: the transparent one, or 0
 */
record GifFile(int width, int height, int left, int top, int palette, int paletteSize, int background, int frames) {
    private static final int TRAILER = 0x3b;
    private static final int EXTENSION = 0x21;
    private static final int IMAGE = 0x2c;
    private static final int GRAPHIC_CONTROL = 0xf9;

    static GifFile read(Bytes file) {
        int flags = file.u8(10);
        int at = 13 + paletteBytes(flags);
        GifFile gif = new GifFile(file.u16(6), file.u16(8), 0, 0, at == 13 ? -1 : 13, (at - 13) / 3, 0, 0);
        while (at < file.length() && file.u8(at) != TRAILER) {
            int kind = file.u8(at);
            if (kind == IMAGE) {
                gif = gif.frames == 0 ? gif.withFirstFrame(file, at) : gif.withFrames(gif.frames + 1);
                at = afterBlocks(file, at + 10 + paletteBytes(file.u8(at + 9)) + 1);
            } else if (kind == EXTENSION) {
                boolean transparent = file.u8(at + 1) == GRAPHIC_CONTROL && (file.u8(at + 3) & 1) != 0;
                gif = transparent && gif.frames == 0 ? gif.withBackground(file.u8(at + 6)) : gif;
                at = afterBlocks(file, at + 2);
            } else {
                at++; // as Pillow: what is no block is passed over
            }
        }
        if (gif.frames == 0) {
            throw Faults.undecodable("The GIF holds no image");
        }
        return gif;
    }

    private static int paletteBytes(int flags) {
        return (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    private static int afterBlocks(Bytes file, int from) {
        int at = from;
        while (file.u8(at) != 0) {
            at += 1 + file.u8(at);
        }
        return at + 1;
    }

    private GifFile withFirstFrame(Bytes file, int at) {
        int x = file.u16(at + 1);
        int y = file.u16(at + 3);
        int local = paletteBytes(file.u8(at + 9));
        return new GifFile(
                Math.max(width, x + file.u16(at + 5)),
                Math.max(height, y + file.u16(at + 7)),
                x,
                y,
                local > 0 ? at + 10 : palette,
                local > 0 ? local / 3 : paletteSize,
                background,
                1);
    }

    private GifFile withFrames(int count) {
        return new GifFile(width, height, left, top, palette, paletteSize, background, count);
    }

    private GifFile withBackground(int index) {
        return new GifFile(width, height, left, top, palette, paletteSize, index, frames);
    }
}
