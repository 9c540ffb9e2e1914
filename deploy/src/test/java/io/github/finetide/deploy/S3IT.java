package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.ClassificationResult.Rejected;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Workers that share nothing but topics and an S3 server: manifests, images and checkpoints are all there. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class S3IT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String JOB = """
            {"jobId": "in-s3", "model": "discs", "classes": 2, "epochs": 2, "batchSize": 8, "imageSize": 32,
             "dataset": {"train": "s3://photos/train.txt", "validation": "s3://photos/test.txt"},
             "augmentation": "none", "network": "cnn", "trainable": "all", "weights": "random:1"}""";

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @TempDir
    static Path folder;

    private static final List<Process> workers = new ArrayList<>();
    private static S3Proxy server;
    private static Producer<byte[], byte[]> producer;
    private static Consumer<byte[], byte[]> reader;
    private final Map<String, ClassificationResult> results = new HashMap<>();
    private final List<ModelRelease> releases = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    S3IT() {}

    @BeforeAll
    static void start() throws Exception {
        Path buckets = Files.createDirectory(folder.resolve("buckets"));
        TinyImages.write(buckets.resolve("photos"), "train", 40, 1);
        TinyImages.write(buckets.resolve("photos"), "test", 12, 2);
        Files.createDirectory(buckets.resolve("models"));
        server = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(buckets.toString()))
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V4, "key", "secret")
                .ignoreUnknownHeaders(true)
                .build();
        server.start();
        producer = kafka.settings().producer("user");
        reader = kafka.settings().reader("user-results");
        List<TopicPartition> partitions = new ArrayList<>(IntStream.range(0, Topics.REQUEST_PARTITIONS)
                .mapToObj(i -> new TopicPartition(kafka.topics().classificationResults(), i))
                .toList());
        partitions.add(new TopicPartition(kafka.topics().modelReleases(), 0));
        reader.assign(partitions);
        worker("trainer");
        worker("inference");
    }

    @AfterAll
    static void stop() throws Exception {
        workers.forEach(Process::destroyForcibly);
        producer.close(Duration.ofSeconds(1));
        reader.close(CloseOptions.timeout(Duration.ofSeconds(1)));
        server.stop();
    }

    @Test
    void whatIsTrainedFromABucketIsStoredInOneAndServedFromThere() throws Exception {
        send(kafka.topics().trainingJobs(), "in-s3", JOB);
        await().atMost(PATIENCE).until(() -> poll() && !releases.isEmpty());
        assertThat(releases.get(0).uri()).hasScheme("s3").hasHost("models");

        request("good", "s3://photos/test-0.png");
        request("missing", "s3://photos/nowhere.png");
        request("elsewhere", "s3://no-such-bucket/test-0.png");
        request("text", "s3://photos/train.txt");
        request("store", releases.get(0).uri() + "/checkpoint.json");
        await().atMost(PATIENCE).until(() -> poll() && results.size() == 5);

        assertThat(results.get("good"))
                .isInstanceOfSatisfying(
                        Classified.class,
                        result -> assertThat(result.version())
                                .isEqualTo(releases.get(0).version()));
        assertThat(kind("missing")).isEqualTo(ErrorKind.NOT_FOUND);
        assertThat(kind("elsewhere")).isEqualTo(ErrorKind.NOT_FOUND);
        assertThat(kind("store")).isEqualTo(ErrorKind.NOT_ALLOWED);
        assertThat(kind("text")).isEqualTo(ErrorKind.UNDECODABLE);
        assertThat(classified("s3://photos/"))
                .hasSize(52)
                .allSatisfy(line -> assertThat(line).contains("\"status\":\"classified\"", "s3://photos/"));
        for (Process worker : workers) {
            worker.destroy();
            assertThat(worker.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(worker.exitValue()).isZero();
        }
    }

    private static List<String> classified(String from) throws Exception {
        Path out = folder.resolve("results.jsonl");
        List<String> command = List.of("classify", "--model", "discs", "--from", from, "--out", out.toString());
        Process process = start("classify", command);
        assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue())
                .as(Files.readString(folder.resolve("classify.log")))
                .isZero();
        return Files.readAllLines(out);
    }

    /** With a cache of its own: what one has, the other must fetch. */
    private static void worker(String name) throws IOException {
        workers.add(start(
                name,
                List.of(
                        name,
                        "--store=s3://models/fine/tuned",
                        "--allow-bucket=photos",
                        "--allow-bucket=no-such-bucket",
                        "--weights-cache=" + folder.resolve("cache-" + name),
                        "--http-port=0",
                        "--threads=1",
                        "--worker-id=" + name)));
    }

    private static Process start(String name, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(arguments);
        command.addAll(
                List.of("--bootstrap-servers=" + kafka.bootstrapServers(), "--topic-prefix=" + kafka.topicPrefix()));
        ProcessBuilder builder = JavaProcess.of(FinetideMain.class, "256m", command);
        builder.environment()
                .putAll(Map.of(
                        "AWS_ENDPOINT_URL_S3", "http://127.0.0.1:" + server.getPort(),
                        "AWS_ACCESS_KEY_ID", "key",
                        "AWS_SECRET_ACCESS_KEY", "secret"));
        return builder.redirectOutput(folder.resolve(name + ".log").toFile()).start();
    }

    private static void request(String id, String image) throws Exception {
        String value = "{\"requestId\": \"%s\", \"image\": \"%s\", \"model\": \"discs\"}".formatted(id, image);
        send(kafka.topics().classificationRequests(), id, value);
    }

    private static void send(String topic, String key, String value) throws Exception {
        producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), value.getBytes(UTF_8)))
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private ErrorKind kind(String id) {
        return results.get(id) instanceof Rejected rejected ? rejected.error().kind() : ErrorKind.INTERNAL;
    }

    private boolean poll() {
        reader.poll(Duration.ofMillis(200)).forEach(record -> {
            if (record.topic().equals(kafka.topics().modelReleases())) {
                releases.add(Json.read(record.value(), ModelRelease.class));
            } else {
                ClassificationResult result = Json.read(record.value(), ClassificationResult.class);
                results.put(result.requestId(), result);
            }
        });
        return true;
    }
}
