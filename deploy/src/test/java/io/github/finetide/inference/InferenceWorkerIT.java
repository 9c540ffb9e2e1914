package io.github.finetide.inference;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.classify.ClassificationClient;
import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ClassificationDisagreement;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.tensor.StateDict;
import io.github.finetide.tensor.TensorData;
import io.github.finetide.tracing.Collector;
import io.github.finetide.tracing.Tracing;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A worker on a real broker with a real, small network. The tests share the worker and the model "dishes", of one version;
 * what a test needs besides, it releases under names of its own.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.Random.class)
class InferenceWorkerIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String DISHES = ", \"model\": \"dishes\"";

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    private final Map<String, List<ClassificationResult>> results = new LinkedHashMap<>();
    private Path folder = Path.of("");
    private Producer<byte[], byte[]> producer;
    private Consumer<byte[], byte[]> reader;
    private StoredModels models;
    private Workers workers;
    private Tracing tracing;
    private Collector collector;

    @SuppressWarnings("NullAway.Init")
    InferenceWorkerIT() {}

    @BeforeAll
    void startOneWorker(@TempDir Path temporary)
            throws IOException, GeneralSecurityException, ExecutionException, InterruptedException {
        folder = temporary.toRealPath();
        producer = kafka.settings().producer("test");
        reader = kafka.settings().reader("test-results");
        reader.assign(IntStream.range(0, 12)
                .mapToObj(i -> new TopicPartition(kafka.topics().classificationResults(), i))
                .toList());
        models = new StoredModels(Workers.checkpoints(folder, "test"), folder);
        collector = new Collector();
        tracing = Tracing.open("test", collector.settings());
        workers = new Workers(kafka.settings(), folder, tracing);
        ImageIO.write(
                new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB),
                "png",
                folder.resolve("good.png").toFile());
        Files.writeString(folder.resolve("text.png"), "no image");
        release(models.put("dishes", "first", 1, 11, 0));
        workers.start("one");
    }

    @AfterAll
    void close() throws InterruptedException {
        workers.stopAll();
        tracing.close();
        collector.close();
        producer.close();
        reader.close();
    }

    @Test
    void classifiesWithTheModelNamed() throws Exception {
        request("plain", "good.png", DISHES);

        Classified result = (Classified) answer("plain");
        assertThat(result.model()).isEqualTo("dishes");
        assertThat(result.version()).isEqualTo("first@1");
        assertThat(result.predictions()).hasSize(StoredModels.CLASSES);
        assertThat(result.predictions().stream()
                        .mapToDouble(prediction -> prediction.probability())
                        .sum())
                .isBetween(0.999, 1.001);
    }

    @Test
    void groupAndTransactionsBelongToOneDeployment() throws Exception {
        String prefix = kafka.topicPrefix();
        request("committed", "good.png", DISHES);
        assertThat(answer("committed")).isInstanceOf(Classified.class);

        try (Admin admin = kafka.settings().admin("test-names")) {
            assertThat(admin.listConsumerGroupOffsets(prefix + "inference-workers")
                            .partitionsToOffsetAndMetadata()
                            .get())
                    .isNotEmpty();
            assertThat(admin.listTransactions().all().get())
                    .anySatisfy(it -> assertThat(it.transactionalId()).isEqualTo(prefix + "inference-one"))
                    .noneSatisfy(it -> assertThat(it.transactionalId()).startsWith("inference-"));
        }
    }

    @Test
    void requestIsTracedWithinTheTraceOfItsSender() throws Exception {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        String parent = "00-%s-00f067aa0ba902b7-01".formatted(trace);
        byte[] value = "{\"requestId\": \"traced\", \"image\": \"%s\"%s}"
                .formatted(folder.resolve("good.png").toUri(), DISHES)
                .getBytes(UTF_8);
        producer.send(new ProducerRecord<>(
                        kafka.topics().classificationRequests(),
                        null,
                        "traced".getBytes(UTF_8),
                        value,
                        List.of(new RecordHeader("traceparent", parent.getBytes(UTF_8)))))
                .get();
        assertThat(answer("traced")).isInstanceOf(Classified.class);

        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(collector.spans().stream()
                                .filter(span -> span.trace().equals(trace))
                                .map(Collector.Received::name))
                        .containsExactlyInAnyOrder(
                                "classify", "queue", "fetch", "decode", "wait", "inference", "publish"));
        assertThat(collector.spans()).allMatch(span -> span.endNanos() >= span.startNanos());
    }

    @Test
    void badImagesAreRejectedAlone() throws Exception {
        for (int i = 0; i < 8; i++) {
            request("good-" + i, "good.png", DISHES);
        }
        request("missing", "nowhere.png", DISHES);
        request("text", "text.png", DISHES);
        request("unknown", "good.png", ", \"model\": \"nobodys\"");
        request("late", "good.png", DISHES + ", \"expiresAt\": \"2020-01-01T00:00:00.000Z\"");
        send("typo", "{\"requestId\": \"typo\", \"image\": \"file:///a.png\", \"topk\": 1}");

        assertThat(kind("missing")).isEqualTo("not_found");
        assertThat(kind("text")).isEqualTo("undecodable");
        assertThat(kind("unknown")).isEqualTo("unknown_model");
        assertThat(kind("late")).isEqualTo("expired");
        assertThat(kind("typo")).isEqualTo("invalid");
        for (int i = 0; i < 8; i++) {
            assertThat(answer("good-" + i)).isInstanceOf(Classified.class);
        }
    }

    @Test
    void imageThatTheWorkersCannotReadIsSentInTheRequest(@TempDir Path elsewhere) throws Exception {
        Path outside = Files.copy(folder.resolve("good.png"), elsewhere.resolve("good.png"));
        List<String> notes = new ArrayList<>();
        ClassificationResult inline;
        try (ClassificationClient client = ClassificationClient.open(kafka.settings(), notes::add)) {
            inline = client.classify(List.of(request(outside)), PATIENCE, answered -> {})
                    .get("outside");
        }
        request("inside", "good.png", DISHES);

        long bytes = Files.size(outside);
        assertThat(inline).isInstanceOfSatisfying(Classified.class, result -> {
            assertThat(result.image()).matches("data:sha256:[0-9a-f]{64};" + bytes);
            assertThat(result.predictions()).isEqualTo(((Classified) answer("inside")).predictions());
        });
        assertThat(notes).singleElement().asString().contains(elsewhere.toString());
    }

    private static ClassificationRequest request(Path image) {
        return new ClassificationRequest("outside", image.toUri(), "dishes", null, 5, null);
    }

    @Test
    void requestWithAKeyTooLargeForAnyResultHoldsUpNoOther() throws Exception {
        String key = "k".repeat(1_048_000);
        send(key, "{\"requestId\": \"large-key\", \"image\": \"file:///a.png\"}");
        request("beside", "good.png", DISHES);

        assertThat(answer("beside")).isInstanceOf(Classified.class);
        String letters = Topics.deadLetters(kafka.topics().classificationRequests());
        try (Consumer<byte[], byte[]> dead = kafka.settings().reader("test-letters")) {
            dead.assign(List.of(new TopicPartition(letters, 0)));
            Set<String> keys = new HashSet<>();
            await().atMost(PATIENCE).until(() -> {
                dead.poll(Duration.ofMillis(200)).forEach(letter -> keys.add(new String(letter.key(), UTF_8)));
                return keys.contains(key);
            });
        }
        assertThat(results).doesNotContainKey("large-key");
    }

    @Test
    void severalModelsAreServedAtOnceAndAnswerDifferently() throws Exception {
        release(models.put("birds", "second", 1, 12, 0));
        awaitServed("birds", "second@1");
        Set<String> versions = new HashSet<>();
        for (int i = 0; i < 16; i++) {
            request("mixed-" + i, "good.png", ", \"model\": \"" + (i % 2 == 0 ? "dishes" : "birds") + "\"");
        }
        for (int i = 0; i < 16; i++) {
            versions.add(((Classified) answer("mixed-" + i)).version());
        }

        assertThat(versions).containsExactlyInAnyOrder("first@1", "second@1");
        assertThat(((Classified) answer("mixed-0")).predictions())
                .isNotEqualTo(((Classified) answer("mixed-1")).predictions());
    }

    @Test
    void swapUnderLoadFailsNoRequest() throws Exception {
        release(models.put("swapped", "swap", 1, 13, 0));
        awaitServed("swapped", "swap@1");
        for (int i = 0; i < 300; i++) {
            if (i == 100) {
                release(models.put("swapped", "swap", 2, 14, 0));
            }
            request("swap-" + i, "good.png", ", \"model\": \"swapped\"");
        }
        for (int i = 0; i < 300; i++) {
            assertThat(((Classified) answer("swap-" + i)).version()).isIn("swap@1", "swap@2");
        }
        awaitServed("swapped", "swap@2");
    }

    @Test
    void earlierVersionsCanBePinned() throws Exception {
        release(models.put("pinned", "pin", 1, 15, 0));
        release(models.put("pinned", "pin", 2, 16, 0));
        awaitServed("pinned", "pin@2");

        request("pin", "good.png", ", \"model\": \"pinned\", \"version\": \"pin@1\"");
        request("no-such", "good.png", ", \"model\": \"pinned\", \"version\": \"pin@9\"");

        assertThat(((Classified) answer("pin")).version()).isEqualTo("pin@1");
        assertThat(kind("no-such")).isEqualTo("unknown_model");
    }

    @Test
    void versionThatAnswersOtherwiseThanInTrainingIsRefused() throws Exception {
        release(models.put("checked", "check", 1, 17, 0));
        awaitServed("checked", "check@1");
        release(models.put("checked", "check", 2, 18, 0.01f));
        release(models.put("later", "later", 1, 19, 0)); // loaded after it

        awaitServed("later", "later@1");
        request("checked", "good.png", ", \"model\": \"checked\"");
        assertThat(((Classified) answer("checked")).version()).isEqualTo("check@1");
    }

    @Test
    void shadowIsComparedAnswersNothingAndCanBeReleased() throws Exception {
        release(models.put("shadowed", "answering", 1, 20, 0));
        awaitServed("shadowed", "answering@1");
        String model = ", \"model\": \"shadowed\"";
        request("without", "good.png", model);
        int best = ((Classified) answer("without")).predictions().get(0).classId();
        float[] bias = new float[StoredModels.CLASSES];
        bias[(best + 1) % bias.length] = 1e6f;
        StateDict other = StateDict.of(List.of(TensorData.of("out.bias", new long[] {bias.length}, bias)));
        ModelRelease shadow = models.put("shadowed", "shadow", 1, other, 0);
        String releases = kafka.topics().modelReleases();
        byte[] key = ModelRelease.shadowKey("shadowed").getBytes(UTF_8);
        producer.send(new ProducerRecord<>(releases, key, Json.write(shadow))).get();

        String topic = kafka.topics().classificationDisagreements();
        try (Consumer<byte[], byte[]> differing = kafka.settings().reader("test-disagreements")) {
            differing.assign(List.of(new TopicPartition(topic, 0)));
            List<ClassificationDisagreement> seen = new ArrayList<>();
            await().atMost(PATIENCE).until(() -> {
                assertThat(version("shadowed")).isEqualTo("answering@1");
                differing
                        .poll(Duration.ofMillis(200))
                        .forEach(record -> seen.add(Json.read(record.value(), ClassificationDisagreement.class)));
                return !seen.isEmpty();
            });
            assertThat(seen.get(0).answer().classId()).isEqualTo(best);
            assertThat(seen.get(0).shadow().version()).isEqualTo("shadow@1");
            assertThat(seen.get(0).shadow().classId()).isEqualTo((best + 1) % bias.length);
        }
        release(shadow);
        awaitServed("shadowed", "shadow@1");
        producer.send(new ProducerRecord<>(releases, key, null)).get();
        assertThat(version("shadowed")).isEqualTo("shadow@1");
    }

    @Test
    void workersThatJoinAndLeaveAnswerEverythingOnce() throws Exception {
        int requests = 2_000;
        Workers.Running second = null;
        for (int i = 0; i < requests; i++) {
            request("fleet-" + i, "good.png", DISHES);
            if (i == 500) {
                second = workers.start("two");
            }
            if (i == 1000) {
                assertThat(workers.start("three").stop()).isNull();
            }
        }
        await().atMost(PATIENCE).until(() -> poll() && results.keySet().containsAll(ids(requests)));
        assertThat(Objects.requireNonNull(second).stop()).isNull();
        poll();

        assertThat(ids(requests))
                .allSatisfy(
                        id -> assertThat(results.get(id)).as(id).singleElement().isInstanceOf(Classified.class));
    }

    private static List<String> ids(int requests) {
        return IntStream.range(0, requests).mapToObj(i -> "fleet-" + i).toList();
    }

    /** The version that answers a request now. */
    private String version(String model) {
        String id = model + "-" + System.nanoTime();
        request(id, "good.png", ", \"model\": \"" + model + "\"");
        return ((Classified) answer(id)).version();
    }

    private void awaitServed(String model, String version) {
        AtomicInteger tries = new AtomicInteger();
        await().atMost(PATIENCE).until(() -> {
            String id = version + "-" + tries.incrementAndGet();
            request(id, "good.png", ", \"model\": \"" + model + "\"");
            return answer(id) instanceof Classified served && served.version().equals(version);
        });
    }

    private void release(ModelRelease release) throws ExecutionException, InterruptedException {
        producer.send(EventRecords.of(kafka.topics().modelReleases(), release, "test", null))
                .get();
    }

    private void request(String id, String image, String more) {
        send(
                id,
                "{\"requestId\": \"%s\", \"image\": \"%s\"%s}"
                        .formatted(id, folder.resolve(image).toUri(), more));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // a request that is not sent is missed below
    private void send(String key, String value) {
        producer.send(new ProducerRecord<>(
                kafka.topics().classificationRequests(), key.getBytes(UTF_8), value.getBytes(UTF_8)));
    }

    private String kind(String id) {
        return ((Rejected) answer(id)).error().kind().wire();
    }

    private ClassificationResult answer(String id) {
        if (!results.containsKey(id)) { // await would pause even so, 0.1 s for each of hundreds
            await().atMost(PATIENCE).pollDelay(Duration.ZERO).until(() -> poll() && results.containsKey(id));
        }
        return results.getOrDefault(id, List.of()).get(0);
    }

    private boolean poll() {
        reader.poll(Duration.ofMillis(200)).forEach(record -> {
            ClassificationResult result = Json.read(record.value(), ClassificationResult.class);
            assertThat(new String(record.key(), UTF_8)).isEqualTo(result.requestId());
            results.computeIfAbsent(result.requestId(), id -> new ArrayList<>()).add(result);
        });
        return true;
    }
}
