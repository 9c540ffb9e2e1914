package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Bytes;
import io.github.finetide.image.file.Deadline;
import io.github.finetide.image.file.Palette;

/** The first frame of a GIF on its canvas, as Pillow places it: around it the transparent colour's own RGB, or colour 0. */
final class GifDecoder {
    private GifDecoder() {}

    static Pixels decode(byte[] bytes, Deadline deadline) {
        Bytes file = new Bytes(bytes, false);
        GifFile gif = GifFile.read(file);
        byte[] indices = GifLzw.canvas(file, gif, deadline);
        Palette palette = gif.palette() < 0 ? Palette.grey() : Palette.of(bytes, gif.palette(), gif.paletteSize());
        Pixels canvas = Pixels.black(gif.width(), gif.height());
        palette.look(indices, 0, indices.length, canvas.rgb(), 0);
        return canvas;
    }
}
