package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Jobs through real topics, real trainers, real deaths. */
class TrainerJobIT {
    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @TempDir
    static Path folder;

    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();
    private static Producer<byte[], byte[]> producer;
    private static Consumer<byte[], byte[]> events;

    @BeforeAll
    static void prepare() throws IOException {
        TinyImages.write(folder, "train", 24, 1);
        TinyImages.write(folder, "test", 12, 2);
        producer = kafka.settings().producer("user");
        Topics topics = kafka.topics();
        events = kafka.settings().reader("user-events");
        List<TopicPartition> partitions = Stream.of(
                        topics.trainingStatus(),
                        topics.trainingMetrics(),
                        topics.trainingCheckpoints(),
                        topics.modelReleases(),
                        Topics.deadLetters(topics.trainingJobs()))
                .map(topic -> new TopicPartition(topic, 0))
                .toList();
        events.assign(partitions);
        events.seekToBeginning(partitions);
    }

    @AfterAll
    static void close() {
        events.close();
        producer.close();
    }

    @Test
    void jobsGiveTheirEventsOneAfterTheOtherAndBadOnesAreAnswered() throws Exception {
        submit("first", 3, "");
        submit("typo", 3, ",\"epoch\":3");
        submit("second", 2, ",\"release\":\"none\"");
        try (TrainerProcess trainer = TrainerProcess.start(kafka, folder, "trainer-a")) {
            until(() -> isFinal("first") && isFinal("typo") && isFinal("second"));
            assertThat(trainer.terminate(30)).isZero();
        }
        assertThat(last("first").state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(last("second").state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(last("typo").error()).isNotNull();
        assertThat(epochs("first")).containsExactly(1, 2, 3);
        assertThat(checkpoints("first")).hasSize(3);
        assertThat(of(kafka.topics().modelReleases(), ModelRelease.class))
                .extracting(ModelRelease::model)
                .contains("first-model")
                .doesNotContain("second-model");
        assertThat(records(Topics.deadLetters(kafka.topics().trainingJobs()))).hasSize(1);
    }

    @Test
    void aKilledTrainersJobGoesOnAndEqualsAnUnbrokenOne() throws Exception {
        submit("broken", 12, "");
        try (TrainerProcess first = TrainerProcess.start(kafka, folder, "trainer-b")) {
            until(() -> epochs("broken").size() >= 3);
            first.kill();
        }
        submit("unbroken", 12, "");
        try (TrainerProcess second = TrainerProcess.start(kafka, folder, "trainer-c")) {
            until(() -> isFinal("broken") && isFinal("unbroken"));
            assertThat(second.terminate(30)).isZero();
        }
        assertThat(last("broken").state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(last("broken").attempt()).isEqualTo(2);
        assertThat(epochs("broken"))
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 12).boxed().toList());
        assertThat(losses("broken")).isEqualTo(losses("unbroken"));
    }

    private static void submit(String jobId, int epochs, String more) throws Exception {
        String json =
                """
                {"jobId":"%s","model":"%s-model","dataset":{"train":"%s","validation":"%s"},
                 "classes":2,"epochs":%d,"batchSize":8,"imageSize":32,"augmentation":"none"%s}""".formatted(jobId, jobId, manifest("train"), manifest("test"), epochs, ",\"network\":\"cnn\"" + more);
        producer.send(new ProducerRecord<>(kafka.topics().trainingJobs(), jobId.getBytes(UTF_8), json.getBytes(UTF_8)))
                .get();
    }

    private static String manifest(String name) {
        return folder.resolve(name + ".txt").toUri().toString();
    }

    private static void until(BooleanSupplier condition) {
        await().atMost(LIMIT).pollInterval(Duration.ofMillis(100)).until(() -> {
            events.poll(Duration.ofMillis(200)).forEach(seen::add);
            return condition.getAsBoolean();
        });
        events.poll(Duration.ofMillis(500)).forEach(seen::add);
    }

    private static boolean isFinal(String jobId) {
        return statuses(jobId).stream().anyMatch(status -> status.state().isFinal());
    }

    private static JobStatus last(String jobId) {
        List<JobStatus> told = statuses(jobId);
        return told.get(told.size() - 1);
    }

    private static List<JobStatus> statuses(String jobId) {
        return of(kafka.topics().trainingStatus(), JobStatus.class).stream()
                .filter(status -> status.jobId().equals(jobId))
                .toList();
    }

    private static List<Integer> epochs(String jobId) {
        return metrics(jobId).stream().map(EpochMetrics::epoch).toList();
    }

    private static List<Double> losses(String jobId) {
        return metrics(jobId).stream()
                .map(epoch -> epoch.train().loss() + epoch.validation().loss())
                .toList();
    }

    private static List<EpochMetrics> metrics(String jobId) {
        return of(kafka.topics().trainingMetrics(), EpochMetrics.class).stream()
                .filter(epoch -> epoch.jobId().equals(jobId))
                .toList();
    }

    private static List<CheckpointSaved> checkpoints(String jobId) {
        return of(kafka.topics().trainingCheckpoints(), CheckpointSaved.class).stream()
                .filter(saved -> saved.jobId().equals(jobId))
                .toList();
    }

    private static <T> List<T> of(String topic, Class<T> type) {
        return records(topic).stream()
                .map(record -> Json.read(record.value(), type))
                .toList();
    }

    private static List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        return seen.stream().filter(record -> record.topic().equals(topic)).toList();
    }
}
