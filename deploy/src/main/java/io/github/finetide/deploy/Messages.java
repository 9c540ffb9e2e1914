package io.github.finetide.deploy;

import io.github.finetide.kafka.Closing;
import io.github.finetide.kafka.KafkaSettings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;

/** Writes a user's messages to their topics and waits until Kafka has them. */
final class Messages {
    private Messages() {}

    /** Sends one message. */
    static void send(KafkaSettings kafka, String topic, String key, byte[] value) {
        send(kafka, topic, Map.of(key, value));
    }

    /** Sends messages by their keys, in the order of the map. */
    static void send(KafkaSettings kafka, String topic, Map<String, byte[]> messages) {
        try (Closing<Producer<byte[], byte[]>> closing = Closing.of(kafka.producer("finetide"))) {
            Producer<byte[], byte[]> producer = closing.client();
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            messages.forEach((key, value) ->
                    sent.add(producer.send(new ProducerRecord<>(topic, key.getBytes(StandardCharsets.UTF_8), value))));
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new CommandFailure("Kafka did not take the message for %s: %s".formatted(topic, Failures.message(e)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while writing to " + topic);
        }
    }
}
