package io.github.finetide.image.tiff;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import java.util.Collections;
import java.util.List;

/**
 * How a TIFF lays out its pixels: the layouts that Pillow's {@code TiffImagePlugin.OPEN_INFO} knows, others are refused.
 *
 * @param compressed whether a library would uncompress it for Pillow, and hand it numbers in the machine's order
 * @param littleEndian the order of a sample's bytes
 * @param photometric 0 grey with white as 0, 1 grey, 2 RGB, 3 palette, 5 CMYK, 6 YCbCr
 * @param bits of a sample
 * @param samples of a pixel
 * @param sampleFormat 1 unsigned, 2 signed, 3 floating
 * @param extra what the first sample beyond the colours is: 0 anything, 1 opacity that colours were multiplied by, 2 opacity;
 *     -1 for no such sample
 * @param reversedBits whether a byte's first pixel is in its low bits
 * @param planes whether each sample has a plane of its own
 */
public record TiffLayout(
        boolean compressed,
        boolean littleEndian,
        int photometric,
        int bits,
        int samples,
        int sampleFormat,
        int extra,
        boolean reversedBits,
        boolean planes) {

    static final int WHITE_IS_ZERO = 0;
    static final int RGB = 2;
    static final int PALETTE = 3;
    static final int CMYK = 5;
    public static final int YCBCR = 6;
    static final int FLOATING = 3;
    private static final int LAB = 8;
    private static final int GREY = 1;
    private static final int OLD_JPEG = 6;
    private static final int MAX_SAMPLES = 6;
    private static final List<Long> UNSIGNED = List.of(1L);

    public static TiffLayout read(TiffDirectory page) {
        boolean oldJpeg = page.compression() == OLD_JPEG;
        int photometric = oldJpeg ? YCBCR : (int) page.value(262, 0);
        long samples = page.value(277, oldJpeg ? 3 : 1);
        List<Long> bits = bits(page.values(258, 1L), samples);
        List<Long> format = page.values(339, 1L);
        if (format.size() > 1 && Collections.max(format) == 1 && Collections.min(format) == 1) {
            format = UNSIGNED;
        }
        List<Long> extra = page.values(338);
        long fill = page.value(266, 1);
        boolean known = samples <= MAX_SAMPLES
                && bits.stream().distinct().count() == 1
                && format.size() == 1
                && (fill == 1 || fill == 2)
                && photometric != LAB;
        if (!known) {
            throw unknown(photometric, bits, format, extra);
        }
        TiffLayout layout = new TiffLayout(
                page.compression() != 1,
                page.littleEndian(),
                photometric,
                bits.get(0).intValue(),
                (int) samples,
                format.get(0).intValue(),
                extra.isEmpty() ? -1 : extra.get(0).intValue(),
                fill == 2,
                page.value(284, 1) == 2);
        if (!layout.isKnown(extra) || layout.isUnreadPlanes() || layout.isUnreadOrder()) {
            throw unknown(photometric, bits, format, extra);
        }
        return layout;
    }

    private static List<Long> bits(List<Long> values, long samples) {
        if (samples < values.size()) {
            return values.subList(0, (int) Math.max(0, samples));
        }
        if (values.size() == 1 && samples <= MAX_SAMPLES) {
            return Collections.nCopies((int) samples, values.get(0));
        }
        if (values.size() != samples) {
            throw Faults.undecodable("The TIFF has " + samples + " samples a pixel, and says of " + values.size());
        }
        return values;
    }

    private boolean isKnown(List<Long> extra) {
        if (sampleFormat != 1) {
            return (photometric == GREY || (photometric == WHITE_IS_ZERO && sampleFormat == FLOATING))
                    && samples == 1
                    && extra.isEmpty()
                    && !reversedBits
                    && (bits == 32 || (bits == 16 && sampleFormat == 2));
        }
        boolean known = switch (photometric) {
            case WHITE_IS_ZERO, GREY -> isKnownGrey(extra);
            case RGB -> isKnownRgb(extra);
            case PALETTE -> isKnownPalette(extra);
            case CMYK -> isKnownCmyk(extra);
            case YCBCR -> bits == 8 && samples == 3 && extra.isEmpty() && !reversedBits;
            default -> false;
        };
        return known;
    }

    /** Pillow names a plane's layout by one letter: it reads all as 8 bits, and knows not all letters. */
    private boolean isUnreadPlanes() {
        boolean named = bits == 8 && samples <= 4 && samples != 2 && extra != 1 && photometric != YCBCR;
        boolean bilevel = bits == 1 && photometric != PALETTE;
        return planes && (samples > 4 || (!compressed && !named && !bilevel));
    }

    /** Orders of bits that Pillow has in its list of layouts, but cannot unpack. */
    private boolean isUnreadOrder() {
        boolean unread = photometric == PALETTE ? bits < 8 : photometric == WHITE_IS_ZERO && bits == 8;
        return hasReversedSamples() && unread;
    }

    /** Whether white is 0; the letter of a plane does not say so. */
    boolean isInverted() {
        return photometric == WHITE_IS_ZERO && bits <= 8 && (compressed || !planes);
    }

    /** Whether bits within the bytes of samples are the other way round; in what is compressed they were before. */
    boolean hasReversedSamples() {
        return reversedBits && !compressed && !planes;
    }

    /** Whether the low byte of a sample is the first; Pillow forgets that 32 bits of a library are. */
    boolean isLowByteFirst() {
        return littleEndian || (compressed && bits == 32);
    }

    private boolean isKnownGrey(List<Long> extra) {
        if (samples == 2) {
            return photometric == GREY && bits == 8 && extra.equals(List.of(2L)) && !reversedBits;
        }
        boolean narrow = bits == 1 || bits == 2 || bits == 4 || bits == 8;
        boolean wide =
                bits == 16 && (photometric == GREY ? littleEndian || !reversedBits : littleEndian && !reversedBits);
        boolean odd = (bits == 12 || bits == 32) && photometric == GREY && littleEndian && !reversedBits;
        return samples == 1 && extra.isEmpty() && (narrow || wide || odd);
    }

    private boolean isKnownRgb(List<Long> extra) {
        if (samples == 3) {
            return extra.isEmpty() && (bits == 8 || (bits == 16 && !reversedBits));
        }
        if (reversedBits || (bits != 8 && bits != 16) || (bits == 16 && samples > 4)) {
            return false;
        }
        if (samples == 4) {
            boolean plain = extra.isEmpty()
                    || List.of(List.of(0L), List.of(1L), List.of(2L)).contains(extra);
            return plain || (bits == 8 && extra.equals(List.of(999L)));
        }
        boolean others = extra.size() == samples - 3 && extra.stream().skip(1).allMatch(e -> e == 0);
        return others && extra.get(0) <= 2;
    }

    private boolean isKnownPalette(List<Long> extra) {
        if (samples == 2) {
            return bits == 8 && extra.equals(List.of(2L)) && !reversedBits;
        }
        return samples == 1 && extra.isEmpty() && (bits == 1 || bits == 2 || bits == 4 || bits == 8);
    }

    private boolean isKnownCmyk(List<Long> extra) {
        if (reversedBits || samples < 4) {
            return false;
        }
        boolean wide = bits == 16 && samples == 4 && extra.isEmpty() && littleEndian;
        return wide
                || (bits == 8 && extra.size() == samples - 4 && extra.stream().allMatch(e -> e == 0));
    }

    private static FaultException unknown(int photometric, List<Long> bits, List<Long> format, List<Long> extra) {
        return Faults.undecodable("A TIFF of this layout is not supported: photometric interpretation " + photometric
                + ", bits " + bits + ", sample format " + format + ", extra samples " + extra);
    }

    /** Bytes of a row of so many pixels, in one plane. */
    int rowBytes(int pixels) {
        long samplesInRow = (long) pixels * (planes ? 1 : samples);
        return Math.toIntExact((samplesInRow * bits + 7) / 8);
    }
}
