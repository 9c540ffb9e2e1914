package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.Faults;
import java.util.Optional;

/** A WebP file's chunks: its size is that of the canvas or of the largest frame, whichever is larger. */
final class WebpChunks {
    private static final int FIRST_CHUNK = 12;
    static final int CHUNK_HEADER = 8;
    private static final int ANIMATION = 2; // flag of VP8X

    private int width;
    private int height;
    private int frames;
    private int images;
    private boolean animated; // as the file says
    private boolean begun; // what belongs to the whole animation was there
    private int firstFrame;
    private int firstFrameEnd;

    private WebpChunks() {}

    private static WebpChunks of(Bytes file) {
        int end = file.within(CHUNK_HEADER + file.u32(4));
        WebpChunks chunks = new WebpChunks();
        chunks.walk(file, FIRST_CHUNK, end, false);
        return chunks;
    }

    /** An animation's first frame; empty for a still. */
    static Optional<WebpFrame> firstFrame(Bytes file) {
        WebpChunks chunks = of(file);
        return chunks.frames == 0
                ? Optional.empty()
                : Optional.of(WebpFrame.read(file, chunks.firstFrame, chunks.firstFrameEnd));
    }

    static ImageHeader header(Bytes file) {
        WebpChunks chunks = of(file);
        boolean known = file.has(FIRST_CHUNK, "VP8X") || file.has(FIRST_CHUNK, "VP8L") || file.has(FIRST_CHUNK, "VP8 ");
        if (!known || chunks.images == 0) {
            throw Faults.undecodable("The WebP file holds no image");
        }
        return new ImageHeader(ImageHeader.Format.WEBP, chunks.width, chunks.height); // only the first is used
    }

    private void walk(Bytes file, int from, int end, boolean inFrame) {
        int at = from;
        while (at + CHUNK_HEADER <= end) {
            int data = at + CHUNK_HEADER;
            long next = data + file.u32(at + 4);
            if (next > end) {
                throw Faults.undecodable("The WebP file is truncated");
            }
            chunk(file, at, data, (int) next, inFrame);
            at = (int) (next + (next - data) % 2);
        }
    }

    private void chunk(Bytes file, int at, int data, int next, boolean inFrame) {
        if (file.has(at, "VP8X")) {
            atLeast(file.u24(data + 4) + 1, file.u24(data + 7) + 1);
            animated = (file.u8(data) & ANIMATION) != 0;
        } else if (file.has(at, "ANIM")) {
            begun = true;
        } else if (file.has(at, "VP8L")) {
            long bits = file.u32(data + 1);
            atLeast((int) (bits & 0x3fff) + 1, (int) (bits >> 14 & 0x3fff) + 1);
            images++;
        } else if (file.has(at, "VP8 ")) {
            atLeast(file.u16(data + 6) & 0x3fff, file.u16(data + 8) & 0x3fff);
            images++;
        } else if (file.has(at, "ANMF") && !inFrame) { // frames do not nest
            if (!animated || !begun) {
                throw Faults.undecodable("The WebP file is damaged: it has a frame, and is no animation");
            }
            if (frames++ == 0) {
                firstFrame = data;
                firstFrameEnd = next;
            }
            walk(file, data + WebpFrame.HEADER, next, true);
        }
    }

    private void atLeast(int otherWidth, int otherHeight) {
        width = Math.max(width, otherWidth);
        height = Math.max(height, otherHeight);
    }
}
