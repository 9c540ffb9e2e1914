package io.github.finetide.image.decode;

import io.github.finetide.image.file.Bytes;
import io.github.finetide.message.Faults;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A frame of an animation. libwebp's plain decoder takes stills only, so the frame is wrapped as one.
 *
 * @param left of the frame on the canvas, in pixels
 * @param top of the frame on the canvas, in pixels
 * @param still the frame as a WebP file of its own
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record WebpFrame(int left, int top, byte[] still) {
    /** What stands before a frame's own chunks. */
    static final int HEADER = 16;

    private static final int CANVAS_DATA = 10;
    private static final byte HAS_ALPHA = 0x10;

    /** Reads a frame whose chunk's data lie between these. */
    static WebpFrame read(Bytes file, int data, int next) {
        int image = data + HEADER;
        if (image > next) {
            throw Faults.undecodable("The WebP file is truncated");
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (file.has(image, "ALPH")) {
            body.writeBytes(canvas(file.u24(data + 6), file.u24(data + 9)));
        }
        file.copy(image, next, body);
        byte[] still = chunk("RIFF", 4 + body.size())
                .put("WEBP".getBytes(StandardCharsets.US_ASCII))
                .put(body.toByteArray())
                .array();
        return new WebpFrame(2 * file.u24(data), 2 * file.u24(data + 3), still);
    }

    /** The chunk that must come before one of transparency. */
    private static byte[] canvas(int widthMinusOne, int heightMinusOne) {
        return chunk("VP8X", CANVAS_DATA)
                .putInt(HAS_ALPHA)
                .put(u24(widthMinusOne))
                .put(u24(heightMinusOne))
                .array();
    }

    private static ByteBuffer chunk(String name, int size) {
        return ByteBuffer.allocate(WebpChunks.CHUNK_HEADER + size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .putInt(size);
    }

    private static byte[] u24(int value) {
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16)};
    }
}
