package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Ink;
import io.github.finetide.message.Faults;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.DirectColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** Rasters of every layout to RGB bytes, as Pillow unpacks and converts them; colour spaces are not converted. */
final class RasterColors {
    private RasterColors() {}

    /** @param associatedAlpha whether colours are stored multiplied by their opacity */
    static Pixels toPixels(BufferedImage image, boolean associatedAlpha) {
        Raster raster = image.getRaster();
        int width = raster.getWidth();
        Pixels out = Pixels.black(width, raster.getHeight());
        RowReader row = rowReader(image, associatedAlpha);
        int[] samples = new int[Math.multiplyExact(width, raster.getNumBands())];
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, samples);
            row.convert(samples, out.rgb(), y * width * Pixels.CHANNELS);
        }
        return out;
    }

    /** One row of samples, band by band within a pixel, to RGB bytes. */
    private interface RowReader {
        void convert(int[] samples, byte[] out, int offset);
    }

    private static RowReader rowReader(BufferedImage image, boolean associatedAlpha) {
        int bands = image.getRaster().getNumBands();
        if (image.getColorModel() instanceof IndexColorModel palette) {
            return palette(palette);
        }
        if (image.getColorModel() instanceof DirectColorModel packed) {
            return packed(packed, bands);
        }
        int type = image.getRaster().getTransferType();
        if (type != DataBuffer.TYPE_BYTE && type != DataBuffer.TYPE_USHORT) {
            throw Faults.undecodable("Samples that are neither 8 nor 16 bit integers are not supported");
        }
        boolean wide = type == DataBuffer.TYPE_USHORT;
        if (bands >= 4 && image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_CMYK) {
            return cmyk(bands, wide ? 8 : 0);
        }
        if (bands > Pixels.CHANNELS && associatedAlpha) {
            return associated(bands, wide ? 8 : 0);
        }
        return bands < Pixels.CHANNELS ? grey(bands, wide) : colors(bands, wide ? 8 : 0);
    }

    private static RowReader palette(IndexColorModel model) {
        int[] colors = new int[model.getMapSize()];
        model.getRGBs(colors);
        return (samples, out, offset) -> {
            for (int i = 0, o = offset; i < samples.length; i++, o += Pixels.CHANNELS) {
                int color = samples[i] < colors.length ? colors[samples[i]] : 0;
                out[o] = (byte) (color >> 16);
                out[o + 1] = (byte) (color >> 8);
                out[o + 2] = (byte) color;
            }
        };
    }

    /** Red, green and blue of 5 or 6 bits, widened with truncation. */
    private static RowReader packed(DirectColorModel model, int bands) {
        int[] highest = new int[Pixels.CHANNELS];
        for (int c = 0; c < Pixels.CHANNELS; c++) {
            highest[c] = (1 << model.getComponentSize(c)) - 1;
        }
        return (samples, out, offset) -> {
            for (int i = 0, o = offset; i < samples.length; i += bands, o += Pixels.CHANNELS) {
                for (int c = 0; c < Pixels.CHANNELS; c++) {
                    out[o + c] = (byte) (samples[i + c] * 255 / highest[c]);
                }
            }
        };
    }

    /** Pillow keeps 16-bit grey as integers and clips them to 0..255, where one might expect a division by 256. */
    private static RowReader grey(int bands, boolean wide) {
        int shift = wide && bands == 2 ? 8 : 0; // with alpha it takes the high byte, though
        return (samples, out, offset) -> {
            for (int i = 0, o = offset; i < samples.length; i += bands, o += Pixels.CHANNELS) {
                byte grey = (byte) Math.min(255, samples[i] >> shift);
                out[o] = grey;
                out[o + 1] = grey;
                out[o + 2] = grey;
            }
        };
    }

    private static RowReader colors(int bands, int shift) {
        return (samples, out, offset) -> {
            for (int i = 0, o = offset; i < samples.length; i += bands, o += Pixels.CHANNELS) {
                out[o] = (byte) (samples[i] >> shift);
                out[o + 1] = (byte) (samples[i + 1] >> shift);
                out[o + 2] = (byte) (samples[i + 2] >> shift);
            }
        };
    }

    /** {@code unpackRGBa} of {@code libImaging/Unpack.c}: colours divided by their opacity, black where it is 0. */
    private static RowReader associated(int bands, int shift) {
        return (samples, out, offset) -> {
            for (int i = 0, o = offset; i < samples.length; i += bands, o += Pixels.CHANNELS) {
                int alpha = samples[i + 3] >> shift;
                for (int c = 0; c < Pixels.CHANNELS; c++) {
                    out[o + c] = (byte) (alpha == 0 ? 0 : Math.min(255, (samples[i + c] >> shift) * 255 / alpha));
                }
            }
        };
    }

    private static RowReader cmyk(int bands, int shift) {
        return (samples, out, offset) -> {
            for (int i = 0, o = offset; i < samples.length; i += bands, o += Pixels.CHANNELS) {
                int white = 255 - (samples[i + 3] >> shift);
                for (int c = 0; c < Pixels.CHANNELS; c++) {
                    out[o + c] = Ink.withoutInk(samples[i + c] >> shift, white);
                }
            }
        };
    }
}
