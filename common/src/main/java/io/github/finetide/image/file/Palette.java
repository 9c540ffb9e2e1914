package io.github.finetide.image.file;

import io.github.finetide.image.Pixels;

/**
 * The colours of the indices 0..255, as in Pillow 9: an index beyond a file's own colours is the grey of that number.
 */
public final class Palette {
    private static final int COLORS = 256;

    private final byte[] rgb = new byte[COLORS * Pixels.CHANNELS];

    private Palette() {
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / Pixels.CHANNELS);
        }
    }

    public static Palette grey() {
        return new Palette();
    }

    /** Colours of three bytes: red, green, blue. */
    public static Palette of(byte[] file, int from, int colors) {
        Palette palette = new Palette();
        int count = Math.min(colors, COLORS) * Pixels.CHANNELS;
        System.arraycopy(file, from, palette.rgb, 0, count);
        return palette;
    }

    /** Sets one colour; what lies beyond the last index is left out. */
    public void set(int index, int red, int green, int blue) {
        if (index < COLORS) {
            rgb[index * Pixels.CHANNELS] = (byte) red;
            rgb[index * Pixels.CHANNELS + 1] = (byte) green;
            rgb[index * Pixels.CHANNELS + 2] = (byte) blue;
        }
    }

    public void look(byte[] indices, int from, int count, byte[] out, int offset) {
        for (int i = from, o = offset; i < from + count; i++, o += Pixels.CHANNELS) {
            int color = (indices[i] & 0xff) * Pixels.CHANNELS;
            out[o] = rgb[color];
            out[o + 1] = rgb[color + 1];
            out[o + 2] = rgb[color + 2];
        }
    }
}
