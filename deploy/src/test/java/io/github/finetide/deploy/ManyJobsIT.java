package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.message.Best;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A trainer's start and memory where it is the first one, and where thousands of jobs have ended before. */
@Tag("foreign") // half a minute
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ManyJobsIT {
    private static final int MANY = 10_000;
    private static final long HEAP_OF_AN_ENDED_JOB = 250; // bytes: its name, and where its status is
    private static final Duration NOISE = Duration.ofSeconds(5);
    private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+)");

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @TempDir
    static Path folder;

    @BeforeAll
    static void images() throws Exception {
        TinyImages.write(folder, "train", 16, 1);
        TinyImages.write(folder, "test", 8, 2);
    }

    private record Measured(Duration start, Duration job, long heapBytes) {}

    @Test
    void jobsThatEndedCostTheNextTrainerNeitherTimeNorMemory() throws Exception {
        Measured few = measured(10);
        Measured some = measured(MANY / 10);
        Measured many = measured(MANY);
        System.out.println(few + "\n" + some + "\n" + many);

        assertThat(many.start()).isLessThan(few.start().plus(NOISE));
        assertThat(many.job()).isLessThan(few.job().plus(NOISE));
        assertThat(many.heapBytes() - few.heapBytes()).isLessThan(MANY * HEAP_OF_AN_ENDED_JOB);
    }

    private static Measured measured(int ended) throws Exception {
        KafkaSettings settings =
                new KafkaSettings(kafka.bootstrapServers(), kafka.topicPrefix() + ended + ".", Map.of());
        try (Admin admin = settings.admin("prepare")) {
            TopicAdmin.ensure(admin, settings.topics(), (short) 1);
            GroupAdmin.configureTrainerGroup(admin, settings.topics(), GroupAdmin.RECORD_LOCK);
            produceEnded(settings, ended);
            TopicPartition jobs = new TopicPartition(settings.topics().trainingJobs(), 0);
            admin.alterShareGroupOffsets(settings.topics().trainerGroup(), Map.of(jobs, (long) ended))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
        try (TrainingSite site = new TrainingSite(settings, folder, "store-" + ended)) {
            Instant begin = Instant.now();
            TrainerProcess trainer = site.trainer("after-" + ended);
            site.until("ready", () -> trainer.said("Ready for jobs"));
            Instant ready = Instant.now();
            site.submit("fresh", 1, "");
            site.until("done", () -> site.isFinal("fresh"));
            Instant done = Instant.now();
            assertThat(site.last("fresh").state()).isEqualTo(JobState.SUCCEEDED);
            return new Measured(Duration.between(begin, ready), Duration.between(ready, done), liveBytes(trainer));
        }
    }

    private static void produceEnded(KafkaSettings settings, int count) {
        try (Producer<byte[], byte[]> producer = settings.producer("history")) {
            for (int i = 0; i < count; i++) {
                String jobId = String.format(Locale.ROOT, "dishes-of-day-%05d", i);
                byte[] key = jobId.getBytes(UTF_8);
                byte[] job = """
                        {"jobId":"%s","model":"dishes","dataset":{"train":"file:///data/dishes/train.txt",
                         "validation":"file:///data/dishes/test.txt"}}""".formatted(jobId).getBytes(UTF_8);
                var unusedJob =
                        producer.send(new ProducerRecord<>(settings.topics().trainingJobs(), key, job));
                var unusedStatus = producer.send(
                        new ProducerRecord<>(settings.topics().trainingStatus(), key, status(jobId, i, job)));
            }
            producer.flush();
        }
    }

    private static byte[] status(String jobId, int offset, byte[] job) {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        return Json.write(JobStatus.builder(jobId, JobState.SUCCEEDED, now)
                .model("dishes")
                .worker("trainer-0")
                .epoch(20)
                .epochs(20)
                .progress(1)
                .best(new Best(17, 0.91, 0.3))
                .attempt(1)
                .sequence(90)
                .startedAt(now)
                .finishedAt(now)
                .jobDigest(Json.read(job, TrainingJob.class).digest())
                .jobOffset((long) offset)
                .build());
    }

    /** After a full collection. */
    private static long liveBytes(TrainerProcess trainer) throws Exception {
        Process jcmd = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        Long.toString(trainer.pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        Matcher total = TOTAL.matcher(new String(jcmd.getInputStream().readAllBytes(), UTF_8));
        assertThat(total.find()).isTrue();
        return Long.parseLong(total.group(1));
    }
}
