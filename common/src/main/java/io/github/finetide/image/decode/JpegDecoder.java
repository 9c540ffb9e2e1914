package io.github.finetide.image.decode;

import io.github.finetide.image.ImageLimits;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Bytes;
import io.github.finetide.image.file.Deadline;
import io.github.finetide.image.file.Ink;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.io.IOException;

/**
 * JPEG through the JDK's libjpeg, asked for the raw components: it would apply colour profiles, and guesses differently
 * from libjpeg where markers are missing. The colour arithmetic is libjpeg's ({@link Ycc}) and Pillow's.
 *
 * <p>See RATIONALE.md, Why the raw components of a JPEG?
 */
final class JpegDecoder {
    private static final int MAX_SCANS = 100; // the usual progressive script has 10
    private static final int MAX_PASSES = 20; // scans of an image with as many pixels as allowed

    private JpegDecoder() {}

    static Pixels decode(byte[] bytes, ImageLimits limits, Deadline deadline) throws IOException {
        JpegFile file = JpegFile.read(new Bytes(bytes, true));
        long work = (long) file.width() * file.height() * file.scans();
        if (file.scans() > MAX_SCANS || work > limits.maxPixels() * MAX_PASSES) {
            throw Faults.of(ErrorKind.TOO_LARGE, "The JPEG takes " + file.scans() + " passes over its pixels");
        }
        Raster raster = Readers.read(ImageHeader.Format.JPEG, file.bare(), deadline, reader -> {
            if (file.endless()) {
                reader.addIIOReadWarningListener((source, warning) -> checkWhole(warning, bytes.length));
            }
            return reader.readRaster(0, null);
        });
        byte[] samples = ((DataBufferByte) raster.getDataBuffer()).getData();
        int pixels = raster.getWidth() * raster.getHeight();
        if (samples.length != pixels * file.colors().components()) {
            throw Faults.undecodable("The JPEG has other components than its header says");
        }
        byte[] rgb = switch (file.colors()) {
            case GREY -> grey(samples);
            case RGB -> samples;
            case YCBCR -> Ycc.toRgb(samples);
            case CMYK -> fromCmyk(samples);
            case YCCK -> fromCmyk(complement(Ycc.toRgbBesideOther(samples)));
        };
        return new Pixels(raster.getWidth(), raster.getHeight(), rgb);
    }

    /** @param warning the text of libjpeg's warning */
    private static void checkWhole(String warning, int length) {
        if (warning.contains("premature end")) {
            throw Faults.undecodable("The image is cut off: it ends at byte " + length + ", within the JPEG's pixels");
        }
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
                rgb[o + c] = Ink.withoutInk(255 - (samples[i + c] & 0xff), white);
            }
        }
        return rgb;
    }
}
