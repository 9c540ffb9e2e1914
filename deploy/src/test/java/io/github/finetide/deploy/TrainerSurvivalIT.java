package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.FeatureResult;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.config.ConfigResource;
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
    private static final int MANY_IMAGES = 1500; // their features take some seconds
    private static final String FIXED_FEATURES = "\"trainable\":\"head\",\"batchNorm\":\"frozen\"";
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
        TinyImages.write(folder, "many", MANY_IMAGES, 5);
        undisturbed.submit("helped", "many", 2, FIXED_FEATURES);
    }

    private static KafkaSettings topics(String prefix) {
        KafkaSettings settings = new KafkaSettings(kafka.bootstrapServers(), kafka.topicPrefix() + prefix, Map.of());
        try (Admin admin = settings.admin("prepare")) {
            TopicAdmin.ensure(admin, settings.topics(), (short) 1);
            fromTheBeginning(admin, settings.topics().featureGroup());
        }
        return settings;
    }

    /** Else a helper that joins late misses what was asked before. */
    private static void fromTheBeginning(Admin admin, String group) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        ConfigEntry earliest = new ConfigEntry("share.auto.offset.reset", "earliest");
        admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(earliest, AlterConfigOp.OpType.SET))))
                .all()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
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
            assertNothingOfKilledOnesIsLeft(site);
        }
    }

    private static void assertNothingOfKilledOnesIsLeft(TrainingSite site) throws IOException {
        TrainerProcess next = site.trainer("after-killed-ones");
        site.until("ready", () -> next.said("Ready for jobs"));
        List<Path> left = temporaryFolders();
        TemporaryFolder.removeAbandoned(folder.resolve("tmp"), "finetide-worker-");

        assertThat(left).isNotEmpty().isEqualTo(temporaryFolders());
    }

    private static List<Path> temporaryFolders() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("tmp"))) {
            return files.sorted().toList();
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
            helpedJobEqualsOneWithoutHelp(site);
            assertThat(second.terminate(30)).isZero();
            site.submit("after", 1, "");
            site.until("the first one works on", () -> site.isFinal("after"));
            assertThat(site.last("after").worker()).isEqualTo("frozen-a");
            assertThat(first.terminate(30)).isZero();
        }
    }

    /** Of two idle trainers one has the job; it stands still until the other has computed some of its features. */
    private static void helpedJobEqualsOneWithoutHelp(TrainingSite site) throws Exception {
        site.submit("helped", "many", 2, FIXED_FEATURES);
        site.until(
                "help is asked for",
                () -> !site.records(site.topics().featureRequests()).isEmpty());
        TrainerProcess owner = site.owner("helped");
        owner.freeze();
        try {
            site.until(
                    "help came",
                    () -> site.records(site.topics().featureResults()).size() >= 3);
        } finally {
            owner.thaw();
        }
        assertEqualsUndisturbed(site, "helped");
        FeatureCounts features = Objects.requireNonNull(site.last("helped").features());
        assertThat(features.byHelpers()).isPositive();
        assertThat(features.reused() + features.computed() + features.byHelpers())
                .isEqualTo(MANY_IMAGES + 12);
        assertThat(site.records(site.topics().featureResults()))
                .extracting(record -> Json.read(record.value(), FeatureResult.class))
                .allSatisfy(result -> assertThat(result.error()).isNull());
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
