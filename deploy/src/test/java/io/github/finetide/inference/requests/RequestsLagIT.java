package io.github.finetide.inference.requests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.deploy.local.KafkaFixture;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RequestsLagIT {
    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    private final Admin admin = kafka.settings().admin("test");
    private final String topic = kafka.topics().classificationRequests();
    private final String group = kafka.topics().inferenceGroup();

    @AfterEach
    void close() {
        admin.close();
    }

    @Test
    void itCountsAllPartitionsAndOnlyWhatCommittedReadersSee() throws Exception {
        RequestsLag lag = new RequestsLag(admin, topic, group);
        assertThat(lag.last()).isNaN();

        send(0, 3);
        send(7, 2);
        lag.look();
        assertThat(lag.last()).as("nothing is committed yet").isEqualTo(5);

        admin.alterConsumerGroupOffsets(group, Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(2)))
                .all()
                .get();
        lag.look();
        assertThat(lag.last()).isEqualTo(3);

        try (Producer<byte[], byte[]> open = kafka.settings().transactionalProducer("test", "lag")) {
            open.initTransactions();
            open.beginTransaction();
            open.send(new ProducerRecord<>(topic, 3, null, "r".getBytes(UTF_8))).get();
            lag.look();
            assertThat(lag.last()).as("a transaction is open").isEqualTo(3);
            open.abortTransaction();
        }
    }

    @Test
    void itIsUnknownWhereTheTopicIsMissing() throws Exception {
        RequestsLag lag = new RequestsLag(admin, "no-such-topic", group);
        lag.look();
        assertThat(lag.last()).isNaN();
    }

    private void send(int partition, int count) throws Exception {
        try (Producer<byte[], byte[]> producer = kafka.settings().producer("test")) {
            for (int i = 0; i < count; i++) {
                producer.send(new ProducerRecord<>(topic, partition, null, "r".getBytes(UTF_8)))
                        .get();
            }
        }
    }
}
