package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;

import java.awt.image.Raster;
import java.io.IOException;
import java.util.Arrays;

/** The first frame of a GIF on its canvas, as Pillow lays it: around it the transparent colour's own RGB, or colour 0. */
final class GifDecoder {
    private GifDecoder() {}

    static Pixels decode(ImageHeader header, byte[] bytes, Deadline deadline) throws IOException {
        GifFile file = GifFile.read(new Bytes(bytes, false));
        Raster frame = Readers.read(
                header.format(), bytes, deadline, reader -> reader.read(0).getRaster());
        Pixels canvas = Pixels.black(header.width(), header.height());
        int[] indices = new int[canvas.width()];
        for (int y = 0; y < canvas.height(); y++) {
            Arrays.fill(indices, file.background());
            int frameY = y - file.top();
            if (frameY >= 0 && frameY < frame.getHeight()) {
                int[] row = frame.getSamples(0, frameY, frame.getWidth(), 1, 0, (int[]) null);
                System.arraycopy(row, 0, indices, file.left(), row.length);
            }
            colors(file, bytes, indices, canvas.rgb(), y * canvas.width() * Pixels.CHANNELS);
        }
        return canvas;
    }

    private static void colors(GifFile file, byte[] bytes, int[] indices, byte[] out, int offset) {
        for (int x = 0, o = offset; x < indices.length; x++, o += Pixels.CHANNELS) {
            for (int c = 0; c < Pixels.CHANNELS; c++) {
                out[o + c] = color(file, bytes, indices[x], c);
            }
        }
    }

    private static byte color(GifFile file, byte[] bytes, int index, int channel) {
        if (file.palette() < 0) {
            return (byte) index;
        }
        return index < file.paletteSize() ? bytes[file.palette() + index * Pixels.CHANNELS + channel] : 0;
    }
}
