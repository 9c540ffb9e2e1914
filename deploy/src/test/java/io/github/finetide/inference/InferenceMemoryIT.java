package io.github.finetide.inference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.LiveArrays;
import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.EventRecords;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Neither images nor versions that come and go leave tensors behind in an inference worker. */
class InferenceMemoryIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int SWAPS = 20;
    private static final int IMAGES = 40;

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @Test
    void imagesAndHotSwapsLeaveNoTensorsBehind(@TempDir Path temporary) throws Exception {
        Path folder = temporary.toRealPath();
        Path image = folder.resolve("image.png");
        ImageIO.write(new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
        StoredModels models = new StoredModels(Workers.checkpoints(folder, "test"), folder);
        List<ModelRelease> versions =
                List.of(models.put("dishes", "first", 1, 11, 0), models.put("dishes", "second", 1, 12, 0));
        Workers workers = new Workers(kafka.settings(), folder);
        List<Integer> counts = new ArrayList<>();
        try (Producer<byte[], byte[]> producer = kafka.settings().producer("test");
                Consumer<byte[], byte[]> results = results()) {
            release(producer, versions.get(0));
            workers.start("one");
            for (int swap = 1; swap <= SWAPS; swap++) {
                ModelRelease next = versions.get(swap % 2);
                release(producer, next);
                await().atMost(PATIENCE)
                        .until(() -> served(producer, results, image).equals(Set.of(next.version())));
                counts.add(LiveArrays.count());
            }
        } finally {
            workers.stopAll();
        }

        assertThat(counts).doesNotContain(0);
        // By the second swap both versions were there; from then on nothing is added.
        assertThat(new HashSet<>(counts.subList(2, SWAPS)))
                .as(counts.toString())
                .hasSize(1);
    }

    private static Consumer<byte[], byte[]> results() {
        Consumer<byte[], byte[]> reader = kafka.settings().reader("test-results");
        reader.assign(IntStream.range(0, 12)
                .mapToObj(i -> new TopicPartition(kafka.topics().classificationResults(), i))
                .toList());
        return reader;
    }

    private static void release(Producer<byte[], byte[]> producer, ModelRelease release) throws Exception {
        producer.send(EventRecords.of(kafka.topics().modelReleases(), release, "test", null))
                .get();
    }

    /** The versions that answer some requests. */
    private static Set<String> served(Producer<byte[], byte[]> producer, Consumer<byte[], byte[]> results, Path image)
            throws Exception {
        for (int i = 0; i < IMAGES; i++) {
            byte[] request = "{\"requestId\": \"r%d\", \"image\": \"%s\"}"
                    .formatted(i, image.toUri())
                    .getBytes(UTF_8);
            producer.send(new ProducerRecord<>(
                            kafka.topics().classificationRequests(), ("r" + i).getBytes(UTF_8), request))
                    .get();
        }
        Set<String> versions = new HashSet<>();
        int[] answered = {0};
        await().atMost(PATIENCE).until(() -> {
            for (ConsumerRecord<byte[], byte[]> record : results.poll(Duration.ofMillis(100))) {
                versions.add(((Classified) Json.read(record.value(), ClassificationResult.class)).version());
                answered[0]++;
            }
            return answered[0] >= IMAGES;
        });
        return versions;
    }
}
