package io.github.finetide.deploy.rights;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.FinetideMain;
import io.github.finetide.deploy.JavaProcess;
import io.github.finetide.deploy.dataset.DatasetCommand;
import io.github.finetide.deploy.local.SecuredKafka;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.Topics;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Every role (watch, which never ends and may less than train, excepted) does its work on a cluster that allows it no more than {@code finetide topics --print acls} says. */
class PrintedRightsIT {
    private static final Topics TOPICS = new Topics("blue.");
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    static Path folder;

    private static SecuredKafka kafka;
    private static final List<Process> WORKERS = new ArrayList<>();

    @BeforeAll
    static void allowWhatIsPrinted() throws Exception {
        kafka = SecuredKafka.start(
                folder.resolve("kafka"),
                Arrays.stream(Role.values()).map(Role::wireName).toList());
        try (Admin admin = administrator()) {
            for (Role role : Role.values()) {
                admin.createAcls(role.rights(TOPICS).stream()
                                .flatMap(right -> right.bindings("User:" + role.wireName()).stream())
                                .toList())
                        .all()
                        .get();
            }
        }
    }

    @AfterAll
    static void stop() throws InterruptedException {
        WORKERS.forEach(Process::destroy);
        for (Process worker : WORKERS) {
            if (!worker.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                worker.destroyForcibly();
            }
        }
        kafka.close();
    }

    @Test
    void theWholePipelineWorksWithThem() throws Exception {
        assertThat(run(Role.TOPICS, "topics")).contains("created  blue.training.jobs");
        worker(
                Role.TRAINER,
                "trainer",
                "--weights-cache",
                folder.resolve("cache").toString());
        worker(Role.INFERENCE, "inference");
        Path images = images();
        Path job = Files.writeString(folder.resolve("job.json"), job("j", images, "a", "best"));

        assertThat(run(Role.TRAIN, "train", job.toString())).contains("SUCCEEDED");
        Path next = Files.writeString(
                folder.resolve("next.json"),
                Files.readString(job).replace("\"j\"", "\"next\", \"weights\": \"model:m\""));
        assertThat(run(Role.TRAIN, "train", next.toString()))
                .contains("SUCCEEDED")
                .containsPattern("Released +next@1 as model m")
                .containsPattern("Report +"
                        + Pattern.quote(folder.resolve("store/next/report.html").toString()))
                .containsPattern(Pattern.quote("finetide classify --bootstrap-servers " + kafka.bootstrapServers())
                        + " --model m IMAGE");
        assertThat(logs()).doesNotContain("cannot be asked to help", "cannot help others");
        assertThat(run(Role.TRAIN, "train", preparedJob().toString())).contains("SUCCEEDED (dry run:");
        send(Role.TRAIN, TOPICS.trainingJobs(), job("other", images, "c", "none"));
        String image = folder.resolve("0.png").toUri().toString();
        assertThat(run(Role.CLASSIFY, "classify", "--model", "m", image)).contains("0.png");
        assertThat(run(
                        Role.CLASSIFY,
                        false,
                        "classify",
                        "--model",
                        "m",
                        folder.resolve("none.png").toUri().toString()))
                .contains("not_found");
        assertThat(run(Role.REPLAY, "replay", TOPICS.classificationRequests() + ".dlq"))
                .contains("1");
        assertThat(run(
                        Role.RELEASE,
                        "release",
                        "m",
                        checkpoint("j").toUri().toString(),
                        "--weights-cache",
                        folder.resolve("cache").toString()))
                .contains("m");
        shadowWhoseClassesHaveOtherNamesIsHeard(image);
    }

    /** What {@code finetide dataset} makes of a folder a class, as a dry run of a network that needs no download. */
    private static Path preparedJob() throws IOException {
        Path set = folder.resolve("set");
        for (int i = 0; i < 8; i++) {
            Path kind = Files.createDirectories(set.resolve(i % 2 == 0 ? "fried rice" : "soup"));
            Files.copy(folder.resolve(i + ".png"), kind.resolve(i + ".png"));
        }
        Path out = folder.resolve("prepared");
        int status = new CommandLine(new DatasetCommand())
                .execute(set.toString(), "--out", out.toString(), "--validation", "0.5", "--model", "kinds");
        assertThat(status).isZero();
        Path job = out.resolve("job.json");
        String dry = "{\"dryRun\": true, \"network\": \"cnn\", \"imageSize\": 32,";
        return Files.writeString(job, Files.readString(job).replaceFirst("\\{", dry));
    }

    private static void shadowWhoseClassesHaveOtherNamesIsHeard(String image) throws Exception {
        Path checkpoint = checkpoint("other");
        await().atMost(LIMIT).until(() -> Files.exists(checkpoint.resolve("checkpoint.json")));
        String uri = checkpoint.toUri().toString();
        String cache = folder.resolve("cache").toString();
        assertThat(run(Role.RELEASE, "release", "m", uri, "--shadow", "--weights-cache", cache))
                .contains("m#shadow");
        TopicPartition disagreements = new TopicPartition(TOPICS.classificationDisagreements(), 0);
        try (Admin admin = administrator()) {
            await().atMost(LIMIT).until(() -> {
                send(Role.CLASSIFY, TOPICS.classificationRequests(), """
                        {"requestId": "r", "image": "%s", "model": "m"}""".formatted(image));
                return admin.listOffsets(Map.of(disagreements, OffsetSpec.latest()))
                                .partitionResult(disagreements)
                                .get()
                                .offset()
                        > 0;
            });
        }
    }

    private static String job(String jobId, Path images, String firstClass, String release) {
        return """
                {"jobId": "%1$s", "model": "m", "dataset": {"train": "%2$s", "validation": "%2$s",
                 "classNames": ["%3$s", "%3$s2"]}, "classes": 2, "release": "%4$s", "epochs": 1, "batchSize": 4,
                 "imageSize": 32, "augmentation": "none", "network": "cnn", "trainable": "head",
                 "batchNorm": "frozen"}""".formatted(jobId, images.toUri(), firstClass, release);
    }

    private static void send(Role role, String topic, String value) throws Exception {
        try (Producer<byte[], byte[]> producer =
                settings(kafka.clientConfig(role.wireName())).producer("test")) {
            producer.send(new ProducerRecord<>(topic, "other".getBytes(UTF_8), value.getBytes(UTF_8)))
                    .get();
        }
    }

    private static Path checkpoint(String jobId) {
        return folder.resolve("store").resolve(jobId).resolve("epoch-0001");
    }

    private static Path images() throws IOException {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
            image.setRGB(i, i, i % 2 == 0 ? 0xffffff : 0x00ff00);
            ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
            lines.add(i + ".png " + i % 2);
        }
        return Files.write(folder.resolve("images.txt"), lines);
    }

    private static void worker(Role role, String... command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.addAll(List.of("--store", folder.resolve("store").toUri().toString()));
        arguments.addAll(List.of("--data-root", folder.toString(), "--http-port", "0", "--threads", "1"));
        Path log = folder.resolve(role.wireName() + ".log");
        WORKERS.add(start(role, log, arguments));
    }

    private static String run(Role role, String... command) throws Exception {
        return run(role, true, command);
    }

    private static String run(Role role, boolean succeeds, String... command) throws Exception {
        Path log = Files.createTempFile(folder, role.wireName(), ".out");
        Process process = start(role, log, List.of(command));
        assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS))
                .as(role.wireName())
                .isTrue();
        String output = Files.readString(log, UTF_8);
        assertThat(process.exitValue() == 0)
                .as("%s: %s%n%s", role.wireName(), output, logs())
                .isEqualTo(succeeds);
        return output;
    }

    /** What the workers logged, for whoever reads of a failure. */
    private static String logs() throws IOException {
        return log("trainer") + log("inference");
    }

    private static String log(String worker) throws IOException {
        Path log = folder.resolve(worker + ".log");
        return Files.exists(log) ? Files.readString(log) : "";
    }

    private static Process start(Role role, Path log, List<String> arguments) throws IOException {
        List<String> line = new ArrayList<>(arguments);
        line.addAll(List.of("--bootstrap-servers", kafka.bootstrapServers(), "--topic-prefix", "blue."));
        line.addAll(List.of(
                "--kafka-config-file", kafka.clientConfig(role.wireName()).toString()));
        return JavaProcess.of(FinetideMain.class, "512m", line)
                .redirectOutput(log.toFile())
                .start();
    }

    private static Admin administrator() throws IOException {
        return settings(kafka.adminConfig()).admin("administrator");
    }

    private static KafkaSettings settings(Path config) throws IOException {
        Properties read = new Properties();
        try (Reader reader = Files.newBufferedReader(config)) {
            read.load(reader);
        }
        Map<String, String> properties =
                read.stringPropertyNames().stream().collect(Collectors.toMap(key -> key, read::getProperty));
        return new KafkaSettings(kafka.bootstrapServers(), "", properties);
    }
}
