package io.github.finetide.image.decode;

import io.github.finetide.image.file.Deadline;
import javax.imageio.stream.ImageInputStreamImpl;

/** An image stream over an array, without copies, that ends a reader at its next read after the deadline. */
final class ArrayImageStream extends ImageInputStreamImpl {
    private static final int READS_BETWEEN_CHECKS = 64; // asking the clock costs more than a one-byte read

    private final byte[] bytes;
    private final Deadline deadline;
    private int reads;

    ArrayImageStream(byte[] bytes, Deadline deadline) {
        this.bytes = bytes;
        this.deadline = deadline;
    }

    @Override
    public int read() {
        checkSometimes();
        bitOffset = 0;
        return streamPos >= bytes.length ? -1 : bytes[(int) streamPos++] & 0xff;
    }

    @Override
    public int read(byte[] out, int offset, int length) {
        checkSometimes();
        bitOffset = 0;
        int count = (int) Math.min(length, bytes.length - streamPos);
        if (count <= 0) {
            return length == 0 ? 0 : -1;
        }
        System.arraycopy(bytes, (int) streamPos, out, offset, count);
        streamPos += count;
        return count;
    }

    private void checkSometimes() {
        if (++reads % READS_BETWEEN_CHECKS == 0) {
            deadline.check();
        }
    }

    @Override
    public long length() {
        return bytes.length;
    }
}
