package io.github.finetide.image.tiff;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Ink;
import io.github.finetide.image.file.Palette;
import io.github.finetide.message.Faults;
import java.util.List;

/** A TIFF's samples to RGB, as Pillow unpacks and converts them. */
public final class TiffColors {
    private static final int COLORS = 3;

    private final TiffLayout layout;
    private final byte[] rows;
    private final int width;
    private final int height;
    private final int rowBytes;
    private final Palette palette;

    private TiffColors(TiffDirectory page, TiffLayout layout, byte[] rows) {
        this.layout = layout;
        this.rows = rows;
        this.width = page.width();
        this.height = page.height();
        this.rowBytes = layout.rowBytes(width);
        this.palette = layout.photometric() == TiffLayout.PALETTE ? palette(page) : Palette.grey();
    }

    public static Pixels pixels(TiffDirectory page, TiffLayout layout, byte[] rows) {
        return new TiffColors(page, layout, rows).pixels();
    }

    /** The high bytes of all reds, then of all greens, then of all blues. */
    private static Palette palette(TiffDirectory page) {
        List<Long> colors = page.values(320);
        int count = colors.size() / COLORS;
        if (count == 0 || count > 256 || colors.size() % COLORS != 0) {
            throw Faults.undecodable("The TIFF's palette has " + colors.size() + " numbers");
        }
        Palette palette = Palette.grey();
        for (int i = 0; i < count; i++) {
            palette.set(i, high(colors.get(i)), high(colors.get(count + i)), high(colors.get(2 * count + i)));
        }
        return palette;
    }

    private static int high(long color) {
        return (int) (color / 256);
    }

    private Pixels pixels() {
        Pixels out = Pixels.black(width, height);
        byte[] rgb = out.rgb();
        byte[] index = new byte[1];
        for (int y = 0, o = 0; y < height; y++) {
            for (int x = 0; x < width; x++, o += Pixels.CHANNELS) {
                switch (layout.photometric()) {
                    case TiffLayout.RGB -> color(x, y, rgb, o);
                    case TiffLayout.CMYK -> cmyk(x, y, rgb, o);
                    default -> {
                        index[0] = (byte) grey(x, y);
                        palette.look(index, 0, 1, rgb, o);
                    }
                }
            }
        }
        return out;
    }

    private void color(int x, int y, byte[] rgb, int o) {
        boolean associated = layout.extra() == 1;
        int alpha = associated ? high(x, y, COLORS) : 255;
        for (int c = 0; c < COLORS; c++) {
            int value = high(x, y, c);
            rgb[o + c] = (byte) (!associated ? value : alpha == 0 ? 0 : Math.min(255, value * 255 / alpha));
        }
    }

    private void cmyk(int x, int y, byte[] rgb, int o) {
        int white = 255 - high(x, y, COLORS);
        for (int c = 0; c < COLORS; c++) {
            rgb[o + c] = Ink.withoutInk(high(x, y, c), white);
        }
    }

    /** An index, or a grey of 0..255: wide ones are clipped. */
    private int grey(int x, int y) {
        int bits = layout.bits();
        if (layout.sampleFormat() == TiffLayout.FLOATING) {
            float value = Float.intBitsToFloat((int) sample(x, y, 0));
            return (int) Math.max(0, Math.min(255, value));
        }
        long value = sample(x, y, 0);
        if (bits > 8) {
            boolean signed = bits == 32 || layout.sampleFormat() != 1;
            long number = signed && bits == 16 ? (short) value : signed ? (int) value : value;
            return (int) Math.max(0, Math.min(255, number));
        }
        int highest = (1 << bits) - 1;
        int sample = (int) (layout.isInverted() ? highest - value : value);
        return layout.photometric() == TiffLayout.PALETTE ? sample : sample * 255 / highest;
    }

    private int high(int x, int y, int channel) {
        long value = sample(x, y, channel);
        return (int) (layout.bits() == 16 ? value >> 8 : value);
    }

    private long sample(int x, int y, int channel) {
        int bits = layout.bits();
        int row = (layout.planes() ? y + channel * height : y) * rowBytes;
        long bit = (long) (layout.planes() ? x : x * layout.samples() + channel) * bits;
        int at = row + (int) (bit / 8);
        if (bits < 8) {
            return octet(at) >> (8 - bits - bit % 8) & (1 << bits) - 1;
        }
        if (bits == 12) { // 9 to 16 bits: the high ones first, whatever the order of bytes
            return bit % 8 == 0 ? octet(at) << 4 | octet(at + 1) >> 4 : (octet(at) & 15) << 8 | octet(at + 1);
        }
        long value = 0;
        for (int i = 0; i < bits / 8; i++) {
            value = value << 8 | octet(layout.isLowByteFirst() ? at + bits / 8 - 1 - i : at + i);
        }
        return value;
    }

    private int octet(int at) {
        int value = rows[at] & 0xff;
        return layout.hasReversedSamples() ? Integer.reverse(value) >>> 24 : value;
    }
}
