package io.github.finetide.inference.requests;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record to be published for a request.
 *
 * @param brief what is sent where the topic refuses the record; null where it is brief already
 * @param isLetter whether it is a dead letter, which may be given up so that the result is not held back for good
 */
record OutgoingRecord(
        ProducerRecord<byte[], byte[]> record, @Nullable ProducerRecord<byte[], byte[]> brief, boolean isLetter) {
    static OutgoingRecord result(
            ProducerRecord<byte[], byte[]> record, @Nullable ProducerRecord<byte[], byte[]> brief) {
        return new OutgoingRecord(record, brief, false);
    }

    static OutgoingRecord letter(ProducerRecord<byte[], byte[]> record, ProducerRecord<byte[], byte[]> brief) {
        return new OutgoingRecord(record, brief, true);
    }

    String topic() {
        return record.topic();
    }

    long bytes() {
        return bytes(record);
    }

    static long bytes(ProducerRecord<byte[], byte[]> record) {
        long bytes = length(record.key()) + length(record.value());
        for (Header header : record.headers()) {
            bytes += header.key().length() + length(header.value());
        }
        return bytes;
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }
}
