package io.github.finetide.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What we write is read by clients that are not Kafka's own. */
@Tag("foreign")
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ForeignClientsIT {
    private static final String PYTHON = """
            import sys, struct
            from kafka import KafkaConsumer, TopicPartition
            consumer = KafkaConsumer(bootstrap_servers=sys.argv[1], consumer_timeout_ms=20000)
            consumer.assign([TopicPartition(sys.argv[2], 0)])
            consumer.seek_to_beginning()
            record = next(consumer)
            headers = dict(record.headers)
            print(record.key.decode(), record.value.decode(), headers['__connect.errors.offset'].decode(),
                  struct.unpack('>i', headers['kafka_dlt-original-partition'])[0],
                  struct.unpack('>q', headers['kafka_dlt-original-offset'])[0],
                  headers['finetide-error-kind'].decode())
            """;

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @Test
    void kcatReadsAnEventAndItsCloudEventsHeaders() throws Exception {
        ModelRelease event = new ModelRelease(
                "dishes", "job-1@3", URI.create("file:///s/job-1/epoch-0003"), "0".repeat(64), Instant.EPOCH, null);
        send(EventRecords.of(kafka.topics().modelReleases(), event, "worker", null));

        String output = run(
                "kcat",
                "-C",
                "-e",
                "-q",
                "-b",
                kafka.bootstrapServers(),
                "-t",
                kafka.topics().modelReleases(),
                "-X",
                "isolation.level=read_committed",
                "-f",
                "%k %h %s\\n");

        assertThat(output)
                .startsWith("dishes ")
                .contains("ce_specversion=1.0", "ce_type=io.github.finetide.message.ModelRelease", "ce_subject=dishes")
                .contains("\"version\":\"job-1@3\"");
    }

    @Test
    void pythonReadsADeadLetterAsConnectAndSpringWriteIt() throws Exception {
        String topic = kafka.topics().classificationRequests();
        ConsumerRecord<byte[], byte[]> failed =
                new ConsumerRecord<>(topic, 7, 5_000_000_000L, "key".getBytes(UTF_8), "value".getBytes(UTF_8));
        send(DeadLetters.of(failed, new FaultException(ErrorKind.NOT_FOUND, "why"), 1));

        String output = run("/usr/bin/python3", "-c", PYTHON, kafka.bootstrapServers(), Topics.deadLetters(topic));

        assertThat(output.strip()).isEqualTo("key value 5000000000 7 5000000000 not_found");
    }

    private static void send(ProducerRecord<byte[], byte[]> record) throws Exception {
        try (Producer<byte[], byte[]> producer = kafka.settings().producer("test")) {
            producer.send(record).get(20, TimeUnit.SECONDS);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }
}
