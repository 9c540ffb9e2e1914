package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus over real workers, which it finds in both ways: what each alert is for is brought about, and fires;
 * every panel of the dashboard has something to show. One story, told in order.
 */
@Tag("foreign")
@Timeout(value = 4, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AlertsAndPanelsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LATE = Duration.ofSeconds(20);
    private static final String MODEL = "dishes";

    /** Their cause is a topic that is away for minutes; the rules' own test has them. */
    private static final Set<String> FOR_PROMTOOL = Set.of("FinetideRecordsGivenUp", "FinetideResultsWait");

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @TempDir
    static Path folder;

    private static TrainingSite site;
    private static ScrapedWorkers workers;
    private static ScrapedWorkers.Worker trainer;
    private static ScrapedWorkers.Worker lost;
    private static ScrapedWorkers.Worker found;
    private static ScrapedWorkers.Worker pod;
    private static PrometheusServer prometheus;
    private static Producer<byte[], byte[]> producer;

    @BeforeAll
    static void start() throws Exception {
        TinyImages.write(folder, "train", 32, 1);
        TinyImages.write(folder, "test", 100, 2); // from so many on, drift is measured
        site = new TrainingSite(kafka.settings(), folder, "store");
        producer = kafka.settings().producer("user");
        workers = new ScrapedWorkers(folder);
        trainer = workers.trainer(kafka.settings(), "trainer");
        // It idles: it cannot reach Kafka.
        lost = workers.trainer(new KafkaSettings("127.0.0.1:1", kafka.topicPrefix(), Map.of()), "lost");
        found = workers.inference(kafka.settings(), "found");
        pod = workers.inference(kafka.settings(), "pod");
        prometheus = PrometheusServer.start(folder, trainer.port(), found.port(), List.of(lost.port(), pod.port()));
    }

    @AfterAll
    static void stop() {
        prometheus.close();
        workers.close();
        producer.close(Duration.ofSeconds(1));
        site.close();
    }

    @Test
    @Order(1)
    void whatGoesWrongWithJobsAndRequestsIsAlerted() throws Exception {
        job("first", "train", 12); // enough to tell the classes apart: then one image again and again is drift
        job("second", "train", 12);
        job("nowhere", "missing", 2);
        site.until(
                "all ended",
                () -> List.of("first", "second", "nowhere").stream().allMatch(site::isFinal));
        shadow("first");
        for (int i = 0; i < 1200; i++) { // for two workers: always the same image
            request("same-" + i, image(), Duration.ZERO);
        }
        for (int i = 0; i < 24; i++) {
            request("slow-" + i, image(), LATE);
            request("malformed-" + i, "\"nonsense\": 1", Duration.ZERO);
            request("unreachable-" + i, "\"image\": \"http://127.0.0.1:1/a.png\"", Duration.ZERO);
        }
        job("long", "train", 10_000);
        site.until("trains", () -> !site.epochs("long").isEmpty());
        site.command("long", "pause");
        job("waits", "train", 1);

        fires(
                "FinetideTrainingJobsFail",
                "FinetideTrainingJobsWait",
                "FinetideTrainingStalled",
                "FinetideCheckpointsSlow",
                "FinetideClassificationsRejected",
                "FinetideClassificationsSlow",
                "FinetideVersionsDiffer",
                "FinetideAnswersDrift",
                "FinetideDeadLetters");
    }

    @Test
    @Order(2)
    void everyPanelShowsSomething() throws IOException {
        JsonNode dashboard = new ObjectMapper()
                .readTree(Path.of("grafana/dashboards/finetide.json").toFile());
        Set<String> empty = new TreeSet<>(dashboard.findValuesAsText("expr"));
        // There is no GPU, no shadow release, and drift needs more answers than a test gives.
        empty.removeIf(expression -> expression.matches(".*finetide_(device_memory|shadow|drift)_.*"));
        assertThat(empty).hasSizeGreaterThan(25);

        untilEmpty(empty, () -> {
            for (int i = 0; i < 24; i++) {
                request("again-" + i, image(), Duration.ZERO);
            }
            boolean removed = false;
            for (String expression : List.copyOf(empty)) {
                removed |= !prometheus.query(expression).isEmpty() && empty.remove(expression);
            }
            return removed;
        });
    }

    @Test
    @Order(3)
    void requestsThatWaitAndWorkersThatAreLostAreAlerted() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) { // connections wait there for ever
            String host = "http://127.0.0.1:" + silent.getLocalPort();
            for (int i = 0; i < 24; i++) {
                request("waiting-" + i, "\"image\": \"%s/a.png\"".formatted(host), Duration.ZERO);
            }
            fires("FinetideRequestsWait", "FinetideRequestsStuck");
        }
        found.freeze();
        fires("FinetideWorkerDown");

        trainer.kill();
        found.kill();
        prometheus.pods(List.of());
        fires("FinetideNoTrainer", "FinetideNoInferenceWorker");
    }

    @Test
    @Order(4)
    void everyAlertOfTheRulesHasFired() throws Exception {
        JsonNode rules = new YAMLMapper()
                .readTree(Path.of("prometheus/finetide.rules.yml").toFile());
        List<String> alerts = new ArrayList<>(rules.findValuesAsText("alert"));
        assertThat(alerts.removeAll(FOR_PROMTOOL)).isTrue();
        assertThat(prometheus.fired()).containsExactlyInAnyOrderElementsOf(alerts);
    }

    private static void fires(String... alerts) {
        Set<String> missing = new TreeSet<>(List.of(alerts));
        untilEmpty(missing, () -> missing.removeAll(prometheus.fired()));
    }

    /** Fails with what is still missing. */
    private static void untilEmpty(Set<String> missing, Callable<Boolean> remove) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(500))
                .ignoreExceptions() // Prometheus is starting
                .untilAsserted(() -> {
                    remove.call();
                    assertThat(missing).isEmpty();
                });
    }

    /** Has a job's released checkpoint, the last of its events, computed beside the model. */
    private static void shadow(String jobId) throws Exception {
        List<CheckpointSaved> saved = site.checkpoints(jobId);
        CheckpointSaved last = saved.get(saved.size() - 1);
        String version = ModelRelease.version(jobId, last.epoch());
        ModelRelease release = new ModelRelease(MODEL, version, last.uri(), last.digest(), Instant.now(), null);
        byte[] key = ModelRelease.shadowKey(MODEL).getBytes(UTF_8);
        producer.send(new ProducerRecord<>(kafka.topics().modelReleases(), key, Json.write(release)))
                .get();
    }

    private static String image() {
        return "\"image\": \"%s\"".formatted(folder.resolve("test-0.png").toUri());
    }

    private static void job(String id, String train, int epochs) throws Exception {
        site.send(
                kafka.topics().trainingJobs(), id, """
                {"jobId": "%s", "model": "%s", "dataset": {"train": "%s", "validation": "%s"}, "classes": 2,
                 "epochs": %d, "batchSize": 8, "imageSize": 32, "augmentation": "none", "network": "cnn",
                 "trainable": "all", "optimizer": {"learningRate": 0.001}}
                """.formatted(id, MODEL, manifest(train), manifest("test"), epochs));
    }

    private static String manifest(String name) {
        return folder.resolve(name + ".txt").toUri().toString();
    }

    /** @param age how long ago it was produced */
    private static void request(String id, String image, Duration age) throws Exception {
        String json = "{\"requestId\": \"%s\", \"model\": \"%s\", %s}".formatted(id, MODEL, image);
        long produced = Instant.now().minus(age).toEpochMilli();
        producer.send(new ProducerRecord<>(
                        kafka.topics().classificationRequests(),
                        null,
                        produced,
                        id.getBytes(UTF_8),
                        json.getBytes(UTF_8)))
                .get();
    }
}
