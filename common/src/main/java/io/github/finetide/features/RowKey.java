package io.github.finetide.features;

import io.github.finetide.message.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * What a row of features was computed from: SHA-256 over an image's SHA-256 and what is done to it before the network.
 * The four parts are its bytes, big-endian. Where the image lies, and what it is called, does not matter.
 */
public record RowKey(long first, long second, long third, long fourth) {
    static final int BYTES = 32;

    /**
     * Names a row.
     *
     * @param imageSha256 32 bytes
     * @param preparation everything between the file's bytes and the network, in words that change when it does
     */
    public static RowKey of(byte[] imageSha256, String preparation) {
        if (imageSha256.length != BYTES) {
            throw new IllegalArgumentException("a SHA-256 has 32 bytes, not " + imageSha256.length);
        }
        MessageDigest digest = Sha256.start();
        digest.update(imageSha256);
        digest.update(preparation.getBytes(StandardCharsets.UTF_8));
        return read(ByteBuffer.wrap(digest.digest()));
    }

    /** Reads 32 bytes. */
    static RowKey read(ByteBuffer bytes) {
        return new RowKey(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    void writeTo(ByteBuffer bytes) {
        bytes.putLong(first).putLong(second).putLong(third).putLong(fourth);
    }
}
