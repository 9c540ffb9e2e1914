package io.github.finetide.inference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Topics that somebody deletes and makes anew, under workers that run and while they are away: one story, in order. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RemadeTopicsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** In seconds, not after Kafka's clients have tried for minutes. */
    private static final Duration SOON = Duration.ofSeconds(25);

    private static final int REQUESTS = 60;

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    private Path folder = Path.of("");
    private Admin admin;
    private Producer<byte[], byte[]> producer;
    private StoredModels models;
    private Workers workers;

    @SuppressWarnings("NullAway.Init")
    RemadeTopicsIT() {}

    @BeforeAll
    void open(@TempDir Path temporary) throws Exception {
        folder = temporary.toRealPath();
        admin = kafka.settings().admin("test-admin");
        producer = kafka.settings().producer("test");
        models = new StoredModels(Workers.checkpoints(folder, "test"), folder);
        workers = new Workers(kafka.settings(), folder);
        BufferedImage picture = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(picture, "png", folder.resolve("good.png").toFile());
        release(models.put("dishes", "first", 1, 11, 0));
        workers.start("one");
        workers.start("two");
    }

    @AfterAll
    void close() throws InterruptedException {
        workers.stopAll();
        producer.close();
        admin.close();
    }

    @Test
    @Order(1)
    void requestsOfATopicMadeAnewAreAnsweredOnceEach() throws Exception {
        request("former", REQUESTS);
        assertAnsweredOnce("former", REQUESTS);

        remake(kafka.topics().classificationRequests());
        request("anew", REQUESTS);

        assertAnsweredOnce("anew", REQUESTS);
    }

    @Test
    @Order(2)
    void topicMadeAnewUnderRequestsInFlightIsBegunAnew() throws Exception {
        request("lost", REQUESTS);
        remake(kafka.topics().classificationRequests());
        request("again", 2 * REQUESTS);

        assertAnsweredOnce("again", 2 * REQUESTS);
    }

    @Test
    @Order(3)
    void releasesOfATopicMadeAnewAreFollowedFromItsStart() throws Exception {
        remake(kafka.topics().modelReleases());
        release(models.put("birds", "second", 1, 12, 0));
        release(models.put("dishes", "first", 2, 13, 0));

        try (Consumer<byte[], byte[]> reader = reader(kafka.topics().classificationResults())) {
            Map<String, List<ClassificationResult>> results = new HashMap<>();
            await().atMost(SOON).until(() -> {
                send("bird-" + results.size(), ", \"model\": \"birds\"");
                read(reader, "bird", results);
                return results.values().stream().anyMatch(found -> found.get(0) instanceof Classified);
            });
        }
        request("dish", 10);
        assertAnsweredOnce("dish", 10);
    }

    @Test
    @Order(4)
    void resultsAndLettersFindTheirTopicsMadeAnew() throws Exception {
        remake(kafka.topics().classificationResults());
        remake(Topics.deadLetters(kafka.topics().classificationRequests()));
        request("published", REQUESTS);
        producer.send(new ProducerRecord<>(kafka.topics().classificationRequests(), "no request".getBytes(UTF_8)))
                .get();

        assertAnsweredOnce("published", REQUESTS);
        String letters = Topics.deadLetters(kafka.topics().classificationRequests());
        try (Consumer<byte[], byte[]> reader = reader(letters)) {
            await().atMost(SOON).until(() -> reader.poll(Duration.ofMillis(200)).count() == 1);
        }
    }

    @Test
    @Order(5)
    void topicMadeAnewWhileNobodyWorksIsReadFromItsStart() throws Exception {
        workers.stopAll();
        remake(kafka.topics().classificationRequests());
        request("away", REQUESTS);
        workers.start("three");

        assertAnsweredOnce("away", REQUESTS);
    }

    private void remake(String topic) throws Exception {
        admin.deleteTopics(List.of(topic)).all().get();
        await().atMost(PATIENCE).until(() -> !admin.listTopics().names().get().contains(topic));
        TopicAdmin.ensure(admin, kafka.topics(), (short) 1);
    }

    private void release(ModelRelease release) throws Exception {
        producer.send(EventRecords.of(kafka.topics().modelReleases(), release, "test", null))
                .get();
    }

    private void request(String name, int count) throws Exception {
        for (int i = 0; i < count; i++) {
            send(name + "-" + i, ", \"model\": \"dishes\"");
        }
        producer.flush();
    }

    private void send(String id, String more) throws Exception {
        String value = "{\"requestId\": \"%s\", \"image\": \"%s\"%s}"
                .formatted(id, folder.resolve("good.png").toUri(), more);
        producer.send(new ProducerRecord<>(
                        kafka.topics().classificationRequests(), id.getBytes(UTF_8), value.getBytes(UTF_8)))
                .get();
    }

    private void assertAnsweredOnce(String name, int count) {
        Map<String, List<ClassificationResult>> results = new HashMap<>();
        try (Consumer<byte[], byte[]> reader = reader(kafka.topics().classificationResults())) {
            await().atMost(SOON).until(() -> {
                read(reader, name, results);
                return results.size() == count;
            });
            Map<TopicPartition, Long> ends = reader.endOffsets(reader.assignment());
            await().atMost(SOON).until(() -> {
                read(reader, name, results);
                return ends.entrySet().stream().allMatch(end -> reader.position(end.getKey()) >= end.getValue());
            });
        }
        assertThat(results)
                .allSatisfy(
                        (id, found) -> assertThat(found).as(id).singleElement().isInstanceOf(Classified.class));
    }

    private static void read(
            Consumer<byte[], byte[]> reader, String name, Map<String, List<ClassificationResult>> results) {
        reader.poll(Duration.ofMillis(200)).forEach(record -> {
            ClassificationResult result = Json.read(record.value(), ClassificationResult.class);
            String id = String.valueOf(result.requestId());
            if (id.startsWith(name + "-")) {
                results.computeIfAbsent(id, unseen -> new ArrayList<>()).add(result);
            }
        });
    }

    private Consumer<byte[], byte[]> reader(String topic) {
        Consumer<byte[], byte[]> reader = kafka.settings().reader("test-reader");
        reader.assign(reader.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList());
        return reader;
    }
}
