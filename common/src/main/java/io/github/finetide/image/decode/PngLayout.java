package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.Faults;
import org.jspecify.annotations.Nullable;

/**
 * How a PNG lays out its pixels.
 *
 * @param depth bits of a sample
 * @param color PNG's colour type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGB and alpha
 */
record PngLayout(int width, int height, int depth, int color, boolean interlaced) {

    static final int PALETTE = 3;

    private static final int BYTES = 13;

    /**
     * Reads a header; one that names no known colours keeps those of the header before it, as in Pillow.
     *
     * @param size of the chunk, in bytes
     */
    static PngLayout read(Bytes file, int header, int size, @Nullable PngLayout before) {
        if (size < BYTES) {
            throw Faults.undecodable("The PNG is damaged: its IHDR chunk is too short");
        }
        PngLayout layout = new PngLayout(
                (int) Math.min(file.u32(header), Integer.MAX_VALUE),
                (int) Math.min(file.u32(header + 4), Integer.MAX_VALUE),
                file.u8(header + 8),
                file.u8(header + 9),
                file.u8(header + 12) != 0 || (before != null && before.interlaced));
        if (file.u8(header + 11) == 0 && layout.isKnown()) {
            return layout;
        }
        if (file.u8(header + 11) == 0 && before != null) {
            return layout.like(before);
        }
        throw Faults.undecodable("The PNG has a layout that does not exist: colour type " + layout.color + " of "
                + layout.depth + " bits");
    }

    private PngLayout like(PngLayout other) {
        return new PngLayout(width, height, other.depth, other.color, interlaced);
    }

    /** The same of other size. */
    PngLayout sized(int otherWidth, int otherHeight) {
        return new PngLayout(otherWidth, otherHeight, depth, color, interlaced);
    }

    private boolean isKnown() {
        return switch (color) {
            case 0 -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
            case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
            case 2, 4, 6 -> depth == 8 || depth == 16;
            default -> false;
        };
    }

    int samples() {
        return switch (color) {
            case 2 -> 3;
            case 4 -> 2;
            case 6 -> 4;
            default -> 1;
        };
    }

    /** Bytes of a row of so many pixels. */
    int rowBytes(int pixels) {
        return (int) (((long) pixels * samples() * depth + 7) / 8);
    }

    /** Bytes between a byte and the one of the same meaning to its left. */
    int pixelBytes() {
        return Math.max(1, samples() * depth / 8);
    }
}
