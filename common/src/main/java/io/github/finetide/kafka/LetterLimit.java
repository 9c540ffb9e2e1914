package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.finetide.message.Sha256;
import java.util.Arrays;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Makes a letter fit in its topic: one that is refused would hold back the result that goes with it. What is cut is
 * described by its size and SHA-256; the original stands at the place that the letter names, for as long as its topic
 * keeps it.
 */
final class LetterLimit {
    static final String VALUE_BYTES = "finetide-value-bytes";
    static final String VALUE_SHA256 = "finetide-value-sha256";
    static final String KEY_BYTES = "finetide-key-bytes";
    static final String KEY_SHA256 = "finetide-key-sha256";
    /** How many of the record's own headers were left out. */
    static final String HEADERS_LEFT_OUT = "finetide-headers-left-out";

    private static final int KEY_SHARE = 4;
    private static final int HEADERS_SHARE = 2;
    /** For the headers that say what was cut. */
    private static final int NOTE_BYTES = 512;

    private LetterLimit() {}

    /** Returns the letter itself, or one of at most so many bytes of key, value and headers of the record's own. */
    static ProducerRecord<byte[], byte[]> fit(ProducerRecord<byte[], byte[]> letter, int maxBytes) {
        if (bytes(letter) <= maxBytes) {
            return letter;
        }
        Headers headers = headers(letter.headers(), maxBytes / HEADERS_SHARE);
        byte @Nullable [] key = letter.key();
        if (length(key) > maxBytes / KEY_SHARE) {
            describe(headers, KEY_BYTES, KEY_SHA256, letter.key());
            key = null;
        }
        byte[] value = letter.value();
        long room = Math.max(0, maxBytes - NOTE_BYTES - length(key) - bytes(headers));
        if (length(value) > room) {
            describe(headers, VALUE_BYTES, VALUE_SHA256, letter.value());
            value = Arrays.copyOf(value, (int) room);
        }
        return new ProducerRecord<>(letter.topic(), null, null, key, value, headers);
    }

    /** Whether something is missing, so that the record cannot be sent again from its letter. */
    static boolean isCut(Headers headers) {
        return headers.lastHeader(VALUE_BYTES) != null
                || headers.lastHeader(KEY_BYTES) != null
                || headers.lastHeader(HEADERS_LEFT_OUT) != null;
    }

    static boolean isNote(String name) {
        return name.equals(VALUE_BYTES)
                || name.equals(VALUE_SHA256)
                || name.equals(KEY_BYTES)
                || name.equals(KEY_SHA256)
                || name.equals(HEADERS_LEFT_OUT);
    }

    static long bytes(ProducerRecord<byte[], byte[]> record) {
        return length(record.key()) + length(record.value()) + bytes(record.headers());
    }

    /** All, or where they are large, those alone that make it a letter. */
    private static Headers headers(Headers all, int maxBytes) {
        if (bytes(all) <= maxBytes) {
            return new RecordHeaders(all);
        }
        Headers kept = new RecordHeaders();
        int leftOut = 0;
        for (Header header : all) {
            if (DeadLetters.isErrorHeader(header.key()) || header.key().equals(DeadLetters.REPLAYS)) {
                kept.add(header);
            } else {
                leftOut++;
            }
        }
        if (leftOut > 0) {
            kept.add(HEADERS_LEFT_OUT, Integer.toString(leftOut).getBytes(UTF_8));
        }
        return kept;
    }

    private static void describe(Headers headers, String bytes, String sha256, byte[] original) {
        headers.add(bytes, Integer.toString(original.length).getBytes(UTF_8));
        headers.add(sha256, Sha256.hex(original).getBytes(UTF_8));
    }

    private static long bytes(Headers headers) {
        long bytes = 0;
        for (Header header : headers) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes;
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
