package io.github.finetide.image;

import io.github.finetide.message.ErrorKind;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;

/**
 * JPEG through the JDK's libjpeg, asked for the raw components: it would apply colour profiles, and guesses differently
 * from libjpeg where markers are missing. The colour arithmetic is libjpeg's ({@code jdcolor.c}) and Pillow's.
 */
final class JpegDecoder {
    private static final int MAX_SCANS = 100; // the usual progressive script has 10
    private static final int MAX_PASSES = 20; // scans of an image with as many pixels as allowed

    private static final int SCALE_BITS = 16;
    private static final int HALF = 1 << (SCALE_BITS - 1);
    private static final int CENTER = 128;

    private JpegDecoder() {}

    static Pixels decode(byte[] bytes, ImageLimits limits, Deadline deadline) throws IOException {
        JpegFile file = JpegFile.read(new Bytes(bytes, true));
        long work = (long) file.width() * file.height() * file.scans();
        if (file.scans() > MAX_SCANS || work > limits.maxPixels() * MAX_PASSES) {
            throw Faults.of(ErrorKind.TOO_LARGE, "The JPEG takes " + file.scans() + " passes over its pixels");
        }
        Raster raster =
                Readers.read(ImageHeader.Format.JPEG, file.bare(), deadline, reader -> reader.readRaster(0, null));
        byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
        int pixels = raster.getWidth() * raster.getHeight();
        if (samples.length != pixels * file.colors().components()) {
            throw Faults.undecodable("The JPEG has other components than its header says");
        }
        byte[] rgb = switch (file.colors()) {
            case GREY -> grey(samples);
            case RGB -> samples;
            case YCBCR -> fromYcc(samples, Pixels.CHANNELS);
            case CMYK -> fromCmyk(samples);
            case YCCK -> fromCmyk(complement(fromYcc(samples, 4)));
        };
        return new Pixels(raster.getWidth(), raster.getHeight(), rgb);
    }

    private static byte[] grey(byte[] samples) {
        byte[] rgb = new byte[samples.length * Pixels.CHANNELS];
        for (int i = 0, o = 0; i < samples.length; i++, o += Pixels.CHANNELS) {
            rgb[o] = samples[i];
            rgb[o + 1] = samples[i];
            rgb[o + 2] = samples[i];
        }
        return rgb;
    }

    /** In place; a fourth component, K, stays as it is. */
    private static byte[] fromYcc(byte[] samples, int step) {
        for (int i = 0; i < samples.length; i += step) {
            int y = samples[i] & 0xff;
            int cb = (samples[i + 1] & 0xff) - CENTER;
            int cr = (samples[i + 2] & 0xff) - CENTER;
            // 1.402, 0.344136, 0.714136 and 1.772 times 65536
            samples[i] = clip(y + ((91881 * cr + HALF) >> SCALE_BITS));
            samples[i + 1] = clip(y + ((-22554 * cb - 46802 * cr + HALF) >> SCALE_BITS));
            samples[i + 2] = clip(y + ((116130 * cb + HALF) >> SCALE_BITS));
        }
        return samples;
    }

    /** Red, green, blue to cyan, magenta, yellow, in place. */
    private static byte[] complement(byte[] samples) {
        for (int i = 0; i < samples.length; i++) {
            samples[i] = i % 4 == 3 ? samples[i] : (byte) ~samples[i];
        }
        return samples;
    }

    /** Pillow takes every CMYK JPEG for Adobe's, which store the complement: 255 is no ink. */
    private static byte[] fromCmyk(byte[] samples) {
        byte[] rgb = new byte[samples.length / 4 * Pixels.CHANNELS];
        for (int i = 0, o = 0; i < samples.length; i += 4, o += Pixels.CHANNELS) {
            int white = samples[i + 3] & 0xff;
            for (int c = 0; c < Pixels.CHANNELS; c++) {
                rgb[o + c] = RasterColors.withoutInk(255 - (samples[i + c] & 0xff), white);
            }
        }
        return rgb;
    }

    private static byte clip(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
