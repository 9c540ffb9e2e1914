package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Trainers that die, freeze and are stopped, in the middle of an epoch; each job against the same one undisturbed. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TrainerSurvivalIT {
    private static final int TRAIN_IMAGES = 400; // 50 batches: an epoch of half a second
    private static final long SEED = Long.getLong("finetide.survival.seed", System.nanoTime());

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @TempDir
    static Path folder;

    private static TrainingSite undisturbed;
    private final Random random = new Random(SEED);

    @BeforeAll
    static void prepare() throws Exception {
        System.out.println("-Dfinetide.survival.seed=" + SEED);
        TinyImages.write(folder, "train", TRAIN_IMAGES, 1);
        TinyImages.write(folder, "test", 12, 2);
        undisturbed = new TrainingSite(topics("undisturbed."), folder, "undisturbed-store");
        undisturbed.trainer("undisturbed");
        undisturbed.submit("killed", 8, "");
        undisturbed.submit("frozen", 8, "");
        undisturbed.submit("handed", 6, "");
    }

    private static KafkaSettings topics(String prefix) {
        KafkaSettings settings = new KafkaSettings(kafka.bootstrapServers(), kafka.topicPrefix() + prefix, Map.of());
        try (Admin admin = settings.admin("prepare")) {
            TopicAdmin.ensure(admin, settings.topics(), (short) 1);
        }
        return settings;
    }

    @AfterAll
    static void close() {
        undisturbed.close();
    }

    @Test
    void aJobWhoseTrainersAreKilledAgainAndAgainEqualsAnUnbrokenOne() throws Exception {
        try (TrainingSite site = new TrainingSite(topics("killed."), folder, "killed-store")) {
            site.submit("killed", 8, "");
            site.trainer("killed-0");
            for (int kill = 1; kill <= 4; kill++) {
                TrainerProcess next = site.trainer("killed-" + kill);
                int epochs = 2 * kill - 1;
                site.until("epoch " + epochs, () -> site.epochs("killed").size() >= epochs);
                site.until("the next trainer is ready", () -> next.said("Ready for jobs"));
                site.read(Duration.ofMillis(random.nextInt(500)));
                TrainerProcess owner = site.owner("killed");
                owner.kill();
                Instant killed = Instant.now();
                site.until("taken over", () -> site.isFinal("killed") || site.owner("killed") != owner);
                assertThat(Duration.between(killed, Instant.now())).isLessThan(Duration.ofSeconds(20));
            }
            assertEqualsUndisturbed(site, "killed");
        }
    }

    @Test
    void aFrozenOwnerThatWakesPublishesNothingDamagesNothingAndWorksOn() throws Exception {
        try (TrainingSite site = new TrainingSite(topics("frozen."), folder, "frozen-store")) {
            site.submit("frozen", 8, "");
            TrainerProcess first = site.trainer("frozen-a");
            site.until("first epoch", () -> !site.epochs("frozen").isEmpty());
            first.freeze();
            TrainerProcess second = site.trainer("frozen-b");
            site.until("taken over", () -> "frozen-b".equals(site.last("frozen").worker()));
            first.thaw();
            site.until("noticed", () -> first.said("has another owner"));

            assertEqualsUndisturbed(site, "frozen");
            List<String> workers = site.statuses("frozen").stream()
                    .map(JobStatus::worker)
                    .distinct()
                    .toList();
            assertThat(workers).containsExactly("frozen-a", "frozen-b");
            assertThat(site.statuses("frozen").stream().map(JobStatus::worker).toList())
                    .as("nothing of the first after the second began")
                    .isSortedAccordingTo(String::compareTo);
            assertThat(second.terminate(30)).isZero();
            site.submit("after", 1, "");
            site.until("the first one works on", () -> site.isFinal("after"));
            assertThat(site.last("after").worker()).isEqualTo("frozen-a");
            assertThat(first.terminate(30)).isZero();
        }
    }

    @Test
    void aTrainerToldToStopSavesInTheMiddleOfAnEpochAndHandsOver() throws Exception {
        try (TrainingSite site = new TrainingSite(topics("handed."), folder, "handed-store")) {
            site.submit("handed", 6, "");
            TrainerProcess trainer = site.trainer("handed-0");
            for (int stop = 1; stop <= 2; stop++) {
                int epochs = stop;
                site.until("epoch " + epochs, () -> site.epochs("handed").size() >= epochs);
                site.read(Duration.ofMillis(random.nextInt(400)));
                assertThat(trainer.terminate(30)).isZero();
                site.until("handed over", () -> site.last("handed").state() == JobState.QUEUED);
                assertThat(site.last("handed").reason()).isEqualTo("handed over by " + trainer.id());
                trainer = site.trainer("handed-" + stop);
            }
            assertEqualsUndisturbed(site, "handed");
            assertThat(site.last("handed").crashes()).isZero();
        }
    }

    @Test
    void aJobThatKillsItsWorkersIsGivenUp() throws Exception {
        try (TrainingSite site = new TrainingSite(topics("poison."), folder, "poison-store")) {
            site.submit("poison", 10_000, "");
            site.trainer("poison-1");
            for (int attempt = 1; attempt <= 3; attempt++) {
                int number = attempt;
                site.trainer("poison-" + (attempt + 1));
                site.until("attempt " + number, () -> attempts(site, "poison") == number);
                site.owner("poison").kill();
            }
            site.until("given up", () -> site.isFinal("poison"));

            assertThat(site.last("poison").error())
                    .isNotNull()
                    .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.ATTEMPTS_EXHAUSTED));
            assertThat(site.last("poison").attempt()).isEqualTo(3);
            ConsumerRecord<byte[], byte[]> letter = site.records(
                            Topics.deadLetters(site.topics().trainingJobs()))
                    .get(0);
            assertThat(new String(
                            letter.headers().lastHeader("finetide-error-kind").value(), UTF_8))
                    .isEqualTo("attempts_exhausted");
            site.submit("good", 1, "");
            site.until("the queue goes on", () -> site.isFinal("good"));
            assertThat(site.last("good").state()).isEqualTo(JobState.SUCCEEDED);
        }
    }

    @Test
    void aRecordThatWasHandedOutTooOftenIsQueuedAgainAndDone() throws Exception {
        KafkaSettings settings = topics("tossed.");
        try (TrainingSite site = new TrainingSite(settings, folder, "tossed-store")) {
            TrainerProcess waiting = site.trainer("tossed-a"); // sets the group's limits
            site.until("ready", () -> waiting.said("Ready for jobs"));
            assertThat(waiting.terminate(30)).isZero();
            site.submit("tossed", 2, "");
            toss(settings, 7);
            site.trainer("tossed-b");
            site.until("done", () -> site.isFinal("tossed"));

            assertThat(site.last("tossed").state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(site.epochs("tossed")).containsExactly(1, 2);
            assertThat(site.records(site.topics().trainingJobs()))
                    .as("the record, and again")
                    .hasSize(2);
        }
    }

    /** Takes the first record off the queue and gives it back, so often. */
    private static void toss(KafkaSettings settings, int times) {
        try (ShareConsumer<byte[], byte[]> member =
                settings.shareConsumer("tosser", settings.topics().trainerGroup())) {
            member.subscribe(List.of(settings.topics().trainingJobs()));
            for (int tossed = 0; tossed < times; ) {
                for (ConsumerRecord<byte[], byte[]> record : member.poll(Duration.ofSeconds(1))) {
                    member.acknowledge(record, AcknowledgeType.RELEASE);
                    member.commitSync();
                    tossed++;
                }
            }
        }
    }

    private static long attempts(TrainingSite site, String jobId) {
        return site.statuses(jobId).stream()
                .mapToInt(JobStatus::attempt)
                .distinct()
                .count();
    }

    private static void assertEqualsUndisturbed(TrainingSite site, String jobId) throws IOException {
        site.until(jobId + " ended", () -> site.isFinal(jobId));
        undisturbed.until(jobId + " ended undisturbed", () -> undisturbed.isFinal(jobId));
        assertThat(site.last(jobId).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(site.results(jobId)).isEqualTo(undisturbed.results(jobId));
        assertThat(site.leftovers(jobId)).isEmpty();
    }
}
