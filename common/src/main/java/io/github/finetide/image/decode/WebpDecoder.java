package io.github.finetide.image.decode;

import io.github.finetide.image.Pixels;
import io.github.finetide.image.file.Bytes;
import io.github.finetide.image.file.Deadline;
import io.github.finetide.message.Faults;
import java.io.IOException;
import java.util.Optional;

/**
 * WebP as libwebp decodes it; of an animation the first frame on its black canvas.
 *
 * <p>See RATIONALE.md, Why a native library for WebP, and for nothing else?
 */
final class WebpDecoder {
    private WebpDecoder() {}

    static Pixels decode(ImageHeader header, byte[] bytes, Deadline deadline) throws IOException {
        Optional<WebpFrame> first = WebpChunks.firstFrame(new Bytes(bytes, false));
        if (first.isEmpty()) {
            return BitmapDecoder.decode(header, bytes, deadline);
        }
        WebpFrame frame = first.get();
        return onCanvas(header, frame, BitmapDecoder.decode(header, frame.still(), deadline));
    }

    private static Pixels onCanvas(ImageHeader header, WebpFrame frame, Pixels still) {
        if (frame.left() + still.width() > header.width() || frame.top() + still.height() > header.height()) {
            throw Faults.undecodable("The WebP animation's first frame lies outside its canvas");
        }
        Pixels canvas = Pixels.black(header.width(), header.height());
        int row = still.width() * Pixels.CHANNELS;
        for (int y = 0; y < still.height(); y++) {
            int to = ((frame.top() + y) * canvas.width() + frame.left()) * Pixels.CHANNELS;
            System.arraycopy(still.rgb(), y * row, canvas.rgb(), to, row);
        }
        return canvas;
    }
}
