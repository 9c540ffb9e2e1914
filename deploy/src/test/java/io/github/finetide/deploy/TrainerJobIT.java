package io.github.finetide.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.deploy.local.KafkaFixture;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FeatureCounts;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.SweepStatus;
import io.github.finetide.tracing.Collector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Jobs and commands through real topics and one real trainer. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class TrainerJobIT {
    private static final int TRAIN_IMAGES = 400; // 50 batches: an epoch of about a second

    @RegisterExtension
    static final KafkaFixture kafka = new KafkaFixture();

    @TempDir
    static Path folder;

    private static TrainingSite site;
    private static TrainerProcess trainer;
    private static Collector collector;

    @BeforeAll
    static void prepare() throws IOException {
        TinyImages.write(folder, "train", TRAIN_IMAGES, 1);
        TinyImages.write(folder, "test", 12, 2);
        site = new TrainingSite(kafka.settings(), folder, "store");
        collector = new Collector();
        trainer = site.tracedTrainer("trainer-a", collector);
    }

    @AfterAll
    static void close() throws InterruptedException {
        try {
            assertThat(trainer.terminate(30)).as("exit code of an idle trainer").isZero();
        } finally {
            site.close();
            collector.close();
        }
    }

    @Test
    void jobsGiveTheirEventsOneAfterTheOtherAndBadOnesAreAnswered() throws Exception {
        site.submit("first", 3, "");
        site.submit("typo", 3, "\"epoch\":3");
        site.submit("weights", 3, "");
        site.submit("second", 2, "\"release\":\"none\"");
        site.until(
                "all ended",
                () -> List.of("first", "typo", "weights", "second").stream().allMatch(site::isFinal));

        assertThat(site.last("first").state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(site.last("second").state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(site.last("typo").error()).isNotNull();
        assertThat(site.last("weights").error()).isNotNull();
        assertThat(site.epochs("first")).containsExactly(1, 2, 3);
        assertThat(site.checkpoints("first"))
                .as("each epoch's, and once more the released one's with what its probabilities are worth")
                .extracting(saved -> saved.confidence() == null)
                .containsExactly(true, true, true, false);
        assertThat(site.releases("first")).extracting(ModelRelease::reason).hasSize(1);
        assertThat(site.releases("second")).isEmpty();
        assertThat(deadLetters("typo") + deadLetters("weights")).isEqualTo(2);
        site.until(
                "traced",
                () -> epochsOfTraces().contains(3L) && epochsOfTraces().contains(2L));
    }

    /** How many epochs lie in each job's span. */
    private static List<Long> epochsOfTraces() {
        return collector.spans().stream()
                .filter(span -> span.name().equals("train"))
                .map(train -> collector.spans().stream()
                        .filter(span ->
                                span.name().equals("epoch") && span.parent().equals(train.id()))
                        .count())
                .toList();
    }

    @Test
    void sweepPublishesEveryVariantOnceAndEndsWithTheBest() throws Exception {
        site.submit(
                "sweep",
                3,
                "\"trainable\":\"head\",\"batchNorm\":\"frozen\","
                        + "\"sweep\":{\"learningRate\":[0.0001,0.01,0.001],\"weightDecay\":[0,0.1]}");
        site.until("ended", () -> site.isFinal("sweep"));

        JobStatus last = site.last("sweep");
        assertThat(last.state()).isEqualTo(JobState.SUCCEEDED);
        SweepStatus sweep = Objects.requireNonNull(last.sweep());
        assertThat(sweep.done()).isEqualTo(6);
        assertThat(last.features()).isEqualTo(new FeatureCounts(TRAIN_IMAGES + 12, 0, TRAIN_IMAGES + 12, 0));
        List<String> variants = new ArrayList<>();
        for (int variant = 0; variant < 6; variant++) {
            variants.addAll(List.of(variant + " 1", variant + " 2", variant + " 3"));
        }
        variants.addAll(List.of("null 1", "null 2", "null 3"));
        assertThat(site.metrics("sweep"))
                .extracting(metrics -> metrics.variant() + " " + metrics.epoch())
                .isEqualTo(variants);
        assertThat(site.checkpoints("sweep")).as("and the best again, measured").hasSize(4);
        assertThat(site.releases("sweep")).hasSize(1);
    }

    @Test
    void aJobDoneBeforeIsAnsweredAndAnotherOfItsNameRefused() throws Exception {
        site.submit("once", 2, "");
        site.until("done", () -> site.isFinal("once"));
        JobStatus done = site.last("once");
        site.submit("once", 2, "");
        site.until("answered", () -> site.last("once").reason() != null);
        JobStatus answered = site.last("once");
        site.submit("once", 3, "");
        site.until(
                "refused",
                () -> states("once").contains(JobState.FAILED)
                        && site.last("once").error() == null);

        assertThat(answered.state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(answered.best()).isEqualTo(done.best());
        assertThat(answered.finishedAt()).isEqualTo(done.finishedAt());
        assertThat(answered.jobOffset()).isGreaterThan(done.jobOffset());
        assertThat(site.last("once").state()).as("of the job that has the name").isEqualTo(JobState.SUCCEEDED);
        assertThat(site.epochs("once")).containsExactly(1, 2);
        assertThat(deadLetters("once")).isEqualTo(1);
    }

    @Test
    void commandsAreObeyedInTheMiddleOfAnEpochAndInTheQueue() throws Exception {
        site.submit("long", 10_000, "");
        site.submit("waiting", 3, "");
        site.until("first epoch", () -> site.epochs("long").size() == 1);
        site.command("waiting", "cancel");
        site.until("cancelled in the queue", () -> site.isFinal("waiting"));
        assertThat(site.isFinal("long")).isFalse();
        site.command("long", "pause");
        site.until("paused", () -> site.last("long").state() == JobState.PAUSED);
        int epochs = site.epochs("long").size();
        int statuses = site.statuses("long").size();
        site.command("long", "checkpoint"); // a paused job is saved already
        site.command("long", "resume");
        site.until("resumed", () -> site.last("long").state() == JobState.RUNNING);
        assertThat(site.statuses("long").get(statuses).epoch())
                .as("nothing was trained in the pause")
                .isEqualTo(epochs);
        site.until("an epoch more", () -> site.epochs("long").size() > epochs);
        site.command("long", "checkpoint");
        site.until("interim checkpoint", () -> !leftovers("long").isEmpty());
        site.command("long", "cancel");
        site.until("cancelled", () -> site.isFinal("long"));

        assertThat(site.last("long").state()).isEqualTo(JobState.CANCELLED);
        assertThat(site.last("long").reason()).isEqualTo("cancelled by command");
        assertThat(site.folder("long")).as("kept").isDirectoryContaining("glob:**/epoch-*");
        assertThat(site.releases("long")).isEmpty();
        assertThat(site.last("waiting").state()).isEqualTo(JobState.CANCELLED);
        assertThat(site.epochs("waiting")).isEmpty();
    }

    @Test
    void aTypingErrorIsAnsweredWhileTheTrainerIsBusy() throws Exception {
        site.submit("busy", 10_000, "");
        site.until("first epoch", () -> !site.epochs("busy").isEmpty());
        site.submit("misspelt", 3, "\"epoch\":3");
        site.until("answered", () -> site.isFinal("misspelt"));
        assertThat(site.isFinal("busy")).isFalse();
        site.command("busy", "cancel");
        site.submit("after", 1, "");
        site.until("the queue goes on", () -> site.isFinal("after"));

        assertThat(site.last("misspelt").state()).isEqualTo(JobState.FAILED);
        assertThat(states("misspelt")).containsExactly(JobState.FAILED);
        assertThat(deadLetters("misspelt")).isEqualTo(1);
    }

    @Test
    void maxDurationCancelsTheJobAndReleasesWhatIsFinished() throws Exception {
        site.submit("hasty", 10_000, "\"maxDuration\":\"PT4S\"");
        site.until("over", () -> site.isFinal("hasty"));

        assertThat(site.last("hasty").state()).isEqualTo(JobState.CANCELLED);
        assertThat(site.last("hasty").reason()).isEqualTo("maxDuration PT4S is over");
        assertThat(site.epochs("hasty")).isNotEmpty();
        assertThat(site.releases("hasty"))
                .singleElement()
                .satisfies(release -> assertThat(site.checkpoints("hasty"))
                        .anySatisfy(saved -> assertThat(saved.digest()).isEqualTo(release.digest())));
    }

    @Test
    void anImageThatVanishesFailsTheJobByNameAndTheSameJobGoesOnWhenItIsBack() throws Exception {
        TinyImages.write(folder, "vanishing", TRAIN_IMAGES, 3);
        Path image = folder.resolve("vanishing-7.png");
        byte[] bytes = Files.readAllBytes(image);
        site.submit("vanishing", "vanishing", 6, "");
        site.until("first epoch", () -> !site.epochs("vanishing").isEmpty());
        Files.delete(image);
        site.until("failed", () -> site.isFinal("vanishing"));
        JobStatus failed = site.last("vanishing");
        Files.write(image, bytes);
        site.submit("vanishing", "vanishing", 6, "");
        site.until("done", () -> states("vanishing").contains(JobState.SUCCEEDED));

        assertThat(failed.error()).isNotNull().satisfies(error -> {
            assertThat(error.kind()).isEqualTo(ErrorKind.NOT_FOUND);
            assertThat(error.message()).contains("vanishing-7.png", "tried 4 times");
        });
        assertThat(deadLetters("vanishing")).isEqualTo(1);
        assertThat(site.epochs("vanishing")).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(site.last("vanishing").resumedFromEpoch()).isEqualTo(failed.epoch());
    }

    @Test
    void anImageThatBecomesAnotherFileFailsTheJob() throws Exception {
        TinyImages.write(folder, "spoilt", TRAIN_IMAGES, 4);
        site.submit("spoilt", "spoilt", 10_000, "");
        site.until("first epoch", () -> !site.epochs("spoilt").isEmpty());
        Files.writeString(folder.resolve("spoilt-9.png"), "no image any more");
        site.until("failed", () -> site.isFinal("spoilt"));

        assertThat(site.last("spoilt").state()).isEqualTo(JobState.FAILED);
        assertThat(site.last("spoilt").error()).isNotNull().satisfies(error -> {
            assertThat(error.kind()).isEqualTo(ErrorKind.UNDECODABLE);
            assertThat(error.message()).contains("spoilt-9.png");
        });
        assertThat(site.folder("spoilt")).as("kept").isDirectoryContaining("glob:**/epoch-*");
        assertThat(site.releases("spoilt")).isEmpty();
    }

    @Test
    void aStoreThatIsAwayForSecondsChangesNothing() throws Exception {
        site.submit("patient", 6, "");
        site.until("first epoch", () -> !site.epochs("patient").isEmpty());
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(site.store(), elsewhere);
        site.until("noticed", () -> trainer.said("is not there"));
        Files.move(elsewhere, site.store());
        site.until("done", () -> site.isFinal("patient"));

        assertThat(site.last("patient").state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(site.epochs("patient")).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(site.last("patient").attempt()).isEqualTo(1);
    }

    @Test
    void aLossThatIsNotFiniteAndImagesThatCannotBeUsedFailTheJob() throws Exception {
        Path train = folder.resolve("train.txt");
        List<String> lines = new ArrayList<>(List.of("missing.png 0", "train-1.png 7"));
        lines.addAll(Files.readAllLines(train));
        Files.write(folder.resolve("wrong.txt"), lines);
        site.submit("wrong", "wrong", 3, "");
        site.submit("infinite", 3, "\"optimizer\":{\"name\":\"sgd\",\"learningRate\":1e30}");
        site.until("failed", () -> site.isFinal("wrong") && site.isFinal("infinite"));

        assertThat(site.last("wrong").error())
                .isNotNull()
                .satisfies(error -> assertThat(error.message())
                        .contains("2 errors", "line 1", "missing.png", "line 2", "label \"7\""));
        assertThat(site.last("infinite").error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.NOT_FINITE));
        assertThat(site.epochs("wrong")).isEmpty();
    }

    @Test
    void commandsForJobsThatAreNotThereOrDoneChangeNothing() throws Exception {
        site.submit("over", 1, "");
        site.until("done", () -> site.isFinal("over"));
        int published = site.statuses("over").size();
        for (String command : List.of("pause", "cancel", "checkpoint", "resume", "resume")) {
            site.command("over", command);
            site.command("nobody", command);
        }
        site.submit("nobody", 1, ""); // what was said before a job was submitted is not meant for it
        site.until("the trainer works on", () -> site.isFinal("nobody"));

        assertThat(site.last("nobody").state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(site.statuses("over")).hasSize(published);
    }

    @Test
    void commandsThatNobodyUnderstandsAreDeadLetters() throws Exception {
        String topic = site.topics().trainingCommands();
        site.send(topic, "any", "{\"jobId\":\"any\",\"command\":\"explode\"}");
        site.send(topic, "any", "no JSON");
        site.until("dead letters", () -> site.records(Topics.deadLetters(topic)).size() == 2);
    }

    private static List<Path> leftovers(String jobId) {
        try {
            return site.leftovers(jobId);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<JobState> states(String jobId) {
        return site.statuses(jobId).stream().map(JobStatus::state).toList();
    }

    private static long deadLetters(String jobId) {
        return site.records(Topics.deadLetters(site.topics().trainingJobs())).stream()
                .filter(record -> new String(record.key(), UTF_8).equals(jobId))
                .count();
    }
}
