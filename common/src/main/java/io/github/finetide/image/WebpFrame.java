package io.github.finetide.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A frame of an animation. libwebp's plain decoder takes stills only, so the frame is wrapped as one.
 *
 * @param left of the frame on the canvas, in pixels
 * @param top of the frame on the canvas, in pixels
 * @param still the frame as a WebP file of its own
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record WebpFrame(int left, int top, byte[] still) {
    private static final int FIRST_CHUNK = 12;
    private static final int CHUNK_HEADER = 8;
    private static final int FRAME_HEADER = 16;
    private static final int CANVAS_DATA = 10;
    private static final byte HAS_ALPHA = 0x10;

    /** Returns an animation's first frame; empty for a still. The file's chunks were walked through before. */
    static Optional<WebpFrame> firstOf(Bytes file) {
        int end = file.within(CHUNK_HEADER + file.u32(4));
        int at = FIRST_CHUNK;
        while (at + CHUNK_HEADER <= end) {
            int data = at + CHUNK_HEADER;
            int next = file.within(data + file.u32(at + 4));
            if (file.has(at, "ANMF")) {
                return Optional.of(read(file, data, next));
            }
            at = next + (next - data) % 2;
        }
        return Optional.empty();
    }

    private static WebpFrame read(Bytes file, int data, int next) {
        int image = data + FRAME_HEADER;
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
        return ByteBuffer.allocate(CHUNK_HEADER + size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(name.getBytes(StandardCharsets.US_ASCII))
                .putInt(size);
    }

    private static byte[] u24(int value) {
        return new byte[] {(byte) value, (byte) (value >> 8), (byte) (value >> 16)};
    }
}
