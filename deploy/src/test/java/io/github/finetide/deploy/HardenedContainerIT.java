package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.finetide.deploy.classify.ClassificationClient;
import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.message.ClassificationRequest;
import io.github.finetide.message.ClassificationResult;
import io.github.finetide.message.JobState;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Both workers as in a container: uid 10001, no home, a root that cannot be written. */
@Tag("foreign") // needs root's right to mount
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class HardenedContainerIT {
    private static final Path SCRIPT = Path.of("src/test/sh/hardened.sh").toAbsolutePath();
    private static final Path APP = Path.of("target").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @TempDir
    private Path work;

    private final List<Process> running = new ArrayList<>();

    @AfterEach
    void stop() {
        running.forEach(Process::destroyForcibly);
    }

    @Test
    void aModelIsTrainedAndServed() throws Exception {
        Process check = new ProcessBuilder(SCRIPT.toString(), "--check")
                .redirectErrorStream(true)
                .start();
        String reason = new String(check.getInputStream().readAllBytes(), UTF_8).strip();
        assumeTrue(check.waitFor() == 0, "this machine does not let mounts be made: " + reason);

        TinyImages.write(work, "train", 16, 1);
        TinyImages.write(work, "test", 8, 2);
        Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxrwxrwx"));
        Process trainer = worker("trainer");
        Process inference = worker("inference");
        try (TrainingSite site = new TrainingSite(kafka.settings(), work, "store")) {
            site.send(site.topics().trainingJobs(), "j", """
                    {"jobId":"j","model":"m","dataset":{"train":"file:///mnt/work/train.txt",
                     "validation":"file:///mnt/work/test.txt"},"classes":2,"epochs":1,"batchSize":8,"imageSize":32,
                     "augmentation":"none","network":"cnn","weights":"random:1","trainable":"all"}""");
            site.until("trained: " + logs(), () -> site.isFinal("j"));
            assertThat(site.last("j").state()).as(logs()).isEqualTo(JobState.SUCCEEDED);
        }
        assertThat(classified())
                .as(logs())
                .extracting(ClassificationResult::status)
                .isEqualTo("classified");
        for (Process worker : List.of(trainer, inference)) {
            worker.destroy();
            assertThat(worker.waitFor(45, TimeUnit.SECONDS)).isTrue();
            assertThat(worker.exitValue()).as(logs()).isZero();
        }
        assertThat(logs()).doesNotContain("Read-only file system");
    }

    private @Nullable ClassificationResult classified() {
        ClassificationRequest request =
                new ClassificationRequest("r", URI.create("file:///mnt/work/test-0.png"), "m", null, 1, null);
        try (ClassificationClient client = ClassificationClient.open(kafka.settings(), note -> {})) {
            return client.classify(List.of(request), LIMIT, answered -> {}).get("r");
        }
    }

    private Process worker(String name) throws IOException {
        Process worker = new ProcessBuilder(
                        SCRIPT.toString(),
                        APP.toString(),
                        work.toString(),
                        name,
                        "--bootstrap-servers=" + kafka.bootstrapServers(),
                        "--topic-prefix=" + kafka.topicPrefix(),
                        "--store=file:///mnt/work/store",
                        "--data-root=/mnt/work",
                        "--weights-cache=/mnt/work/cache",
                        "--temp-dir=/tmp",
                        "--threads=1",
                        "--http-port=0")
                .redirectErrorStream(true)
                .redirectOutput(work.resolve(name + ".log").toFile())
                .start();
        running.add(worker);
        return worker;
    }

    private String logs() throws IOException {
        return Files.readString(work.resolve("trainer.log")) + Files.readString(work.resolve("inference.log"));
    }
}
