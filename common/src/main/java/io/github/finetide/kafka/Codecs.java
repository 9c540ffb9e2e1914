package io.github.finetide.kafka;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * The codecs of Kafka's batches. Their native libraries are unpacked into a temporary folder when the first batch of
 * their kind comes: done at the start, a folder that does not do ends no worker in its midst.
 */
public final class Codecs {
    private static final int SOME_BYTES = 512;

    private Codecs() {}

    /**
     * Compresses a few bytes with each.
     *
     * @throws FaultException UNAVAILABLE, naming the codec, the folder and the option that sets another
     */
    public static void load() {
        for (CompressionType type : CompressionType.values()) {
            try {
                compress(type);
            } catch (IOException | KafkaException | LinkageError why) {
                throw new FaultException(ErrorKind.UNAVAILABLE, message(type, why), why);
            }
        }
    }

    private static void compress(CompressionType type) throws IOException {
        Compression codec = Compression.of(type).build();
        try (OutputStream out =
                codec.wrapForOutput(new ByteBufferOutputStream(SOME_BYTES), RecordBatch.CURRENT_MAGIC_VALUE)) {
            out.write(new byte[SOME_BYTES]);
        }
    }

    private static String message(CompressionType type, Throwable why) {
        return "the codec %s cannot be loaded by way of %s (%s); the folder must be writable and not mounted noexec:"
                        .formatted(type.name, System.getProperty("java.io.tmpdir"), KafkaFaults.deepest(why))
                + " choose another with --temp-dir";
    }
}
