package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.deploy.local.EmbeddedKafka;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trainers and a broker that die, freeze, stop and start again at random; every job ends once, as it would have
 * undisturbed. {@code -Dfinetide.chaos.seed} repeats a run's choices, {@code -Dfinetide.chaos.seconds} and {@code
 * -Dfinetide.chaos.jobs} make a soak of it, {@code -Dfinetide.outage.seconds} a long outage of the broker.
 */
@Timeout(value = 1, unit = TimeUnit.DAYS) // as long as it is asked to; waits have limits of their own
class ChaosTrainingIT {
    private static final long SEED = Long.getLong("finetide.chaos.seed", System.nanoTime());
    private static final Duration DISTURBED = Duration.ofSeconds(Integer.getInteger("finetide.chaos.seconds", 60));
    /** How long a broker is away in the middle of a job. */
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("finetide.outage.seconds", 5));

    private static final int JOBS = Integer.getInteger("finetide.chaos.jobs", 8);
    private static final int EPOCHS = 8;
    private static final int TRAINERS = 3;
    private static final int TRAIN_IMAGES = 200; // 25 batches: an epoch of a quarter of a second
    private static final int MAX_WAIT_MILLIS = 2500; // between two disturbances
    private static final int MAX_FROZEN_MILLIS = 25_000; // longer than the lock of a job
    private static final int MAX_CRASHES = 2; // a third one in a row would end a job as it should

    @TempDir
    private Path folder;

    private final Random random = new Random(SEED);
    private final Map<TrainerProcess, Instant> frozen = new HashMap<>();
    private final List<TrainerProcess> trainers = new ArrayList<>();
    private EmbeddedKafka broker;
    private int port;

    @BeforeEach
    void prepare() throws IOException {
        System.out.println("-Dfinetide.chaos.seed=" + SEED);
        TinyImages.write(folder.resolve("images"), "train", TRAIN_IMAGES, 1);
        TinyImages.write(folder.resolve("images"), "test", 12, 2);
        broker = EmbeddedKafka.start(0, folder.resolve("broker"));
        port = Integer.parseInt(broker.bootstrapServers().replaceAll(".*:", ""));
    }

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void everyJobEndsOnceAndAsUndisturbed() throws Exception {
        try (TrainingSite undisturbed = site("undisturbed");
                TrainingSite site = site("disturbed")) {
            undisturbed.trainer("undisturbed");
            submitAll(undisturbed);
            undisturbed.until("undisturbed jobs ended", () -> jobs().stream().allMatch(undisturbed::isFinal));
            submitAll(site);
            for (int i = 0; i < TRAINERS; i++) {
                trainers.add(site.trainer("trainer-" + i));
            }
            disturb(site);
            site.until("all jobs ended", () -> jobs().stream().allMatch(site::isFinal));
            for (String job : jobs()) {
                assertEndedAsUndisturbed(job, site, undisturbed);
            }
            assertThat(site.records(Topics.deadLetters(site.topics().trainingJobs())))
                    .isEmpty();
            for (TrainerProcess trainer : trainers) {
                site.until("started", () -> trainer.said("Ready for jobs"));
                assertThat(trainer.terminate(30)).as(trainer.id()).isZero();
            }
        }
    }

    @Test
    void aBrokerThatStartsAgainFindsTheTrainersAtWork() throws Exception {
        try (TrainingSite site = site("restarts")) {
            site.submit("job", 40, "");
            site.trainer("busy");
            site.until("first epoch", () -> !site.epochs("job").isEmpty());
            site.trainer("idle");
            for (int restart = 1; restart <= 2; restart++) {
                broker.close();
                Thread.sleep(restart == 1 ? OUTAGE.toMillis() : 0);
                broker = EmbeddedKafka.start(port, folder.resolve("broker"));
                int epochs = site.epochs("job").size();
                site.until("another epoch", () -> site.epochs("job").size() > epochs);
            }
            site.until("ended", () -> site.isFinal("job"));

            assertThat(site.last("job").state()).isEqualTo(JobState.SUCCEEDED);
            assertThat(site.statuses("job")).as("nobody died").allMatch(status -> status.crashes() == 0);
            assertThat(site.epochs("job"))
                    .containsExactlyElementsOf(
                            IntStream.rangeClosed(1, 40).boxed().toList());
        }
    }

    private TrainingSite site(String name) {
        KafkaSettings settings = new KafkaSettings(broker.bootstrapServers(), name + ".", Map.of());
        try (Admin admin = settings.admin("prepare")) {
            TopicAdmin.ensure(admin, settings.topics(), (short) 1);
        }
        return new TrainingSite(settings, folder.resolve("images"), name);
    }

    private static List<String> jobs() {
        return IntStream.range(0, JOBS).mapToObj(i -> "job-" + i).toList();
    }

    private static void submitAll(TrainingSite site) throws Exception {
        for (int i = 0; i < JOBS; i++) {
            site.submit("job-" + i, EPOCHS, "\"seed\":" + i);
        }
    }

    private void disturb(TrainingSite site) throws Exception {
        Instant end = Instant.now().plus(DISTURBED);
        while (Instant.now().isBefore(end) && !jobs().stream().allMatch(site::isFinal)) {
            pause(site, random.nextInt(MAX_WAIT_MILLIS));
            thaw(Instant.now());
            String job = jobs().get(random.nextInt(JOBS));
            int i = random.nextInt(TRAINERS);
            switch (random.nextInt(12)) {
                case 0, 1, 2 -> kill(site, i);
                case 3, 4 -> freeze(i);
                case 5, 6 -> terminate(site, i);
                case 7 -> restartBroker();
                case 8, 9 -> say(site, job, "checkpoint");
                case 10 -> {
                    say(site, job, "pause");
                    pause(site, random.nextInt(MAX_WAIT_MILLIS));
                    say(site, job, "resume");
                }
                default -> say(site, "job-0", "cancel"); // one job only: the others are compared to their end
            }
        }
        thaw(Instant.MAX);
    }

    private static void pause(TrainingSite site, int millis) {
        Instant end = Instant.now().plusMillis(millis);
        while (Instant.now().isBefore(end)) {
            site.read(Duration.ofMillis(50));
        }
    }

    private static void say(TrainingSite site, String job, String command) throws Exception {
        note(command + " " + job);
        site.command(job, command);
    }

    private void kill(TrainingSite site, int i) throws Exception {
        TrainerProcess trainer = trainers.get(i);
        boolean wouldEndAJob = jobs().stream()
                .filter(job -> !site.statuses(job).isEmpty())
                .map(site::last)
                .anyMatch(status -> status.state() == JobState.RUNNING && status.crashes() >= MAX_CRASHES);
        if (!wouldEndAJob) {
            note("kill " + trainer.id());
            frozen.remove(trainer);
            trainer.kill();
            trainers.set(i, site.trainer(trainer.id()));
        }
    }

    private void terminate(TrainingSite site, int i) throws Exception {
        TrainerProcess trainer = trainers.get(i);
        note("terminate " + trainer.id());
        if (frozen.remove(trainer) != null) {
            trainer.thaw();
        }
        assertThat(trainer.terminate(60)).as(trainer.id()).isIn(0, 143); // 143: stopped before it could listen
        trainers.set(i, site.trainer(trainer.id()));
    }

    private void freeze(int i) throws Exception {
        TrainerProcess trainer = trainers.get(i);
        if (frozen.isEmpty()) {
            int millis = random.nextInt(MAX_FROZEN_MILLIS);
            note("freeze " + trainer.id() + " for " + millis + " ms");
            trainer.freeze();
            frozen.put(trainer, Instant.now().plusMillis(millis));
        }
    }

    private void thaw(Instant now) throws Exception {
        for (TrainerProcess trainer : List.copyOf(frozen.keySet())) {
            if (frozen.getOrDefault(trainer, Instant.MIN).isBefore(now)) {
                note("thaw " + trainer.id());
                frozen.remove(trainer);
                trainer.thaw();
            }
        }
    }

    private void restartBroker() {
        note("restart the broker");
        broker.close();
        broker = EmbeddedKafka.start(port, folder.resolve("broker"));
    }

    private static void note(String what) {
        System.out.println(Instant.now() + " chaos: " + what);
    }

    private static void assertEndedAsUndisturbed(String job, TrainingSite site, TrainingSite undisturbed)
            throws IOException {
        List<JobStatus> ends = site.statuses(job).stream()
                .filter(status -> status.state().isFinal())
                .toList();
        assertThat(ends).as(job).hasSize(1);
        JobState state = ends.get(0).state();
        List<TrainingSite.Epoch> results = site.results(job);
        if (state == JobState.CANCELLED) {
            assertThat(job).isEqualTo("job-0");
            assertThat(results).as(job).isEqualTo(undisturbed.results(job).subList(0, results.size()));
            assertThat(site.leftovers(job))
                    .as(job)
                    .noneMatch(file -> file.toString().contains(".tmp-"));
        } else {
            assertThat(ends.get(0).error()).as(job).isNull();
            assertThat(results).as(job).isEqualTo(undisturbed.results(job));
            assertThat(site.releases(job)).as(job).hasSize(1);
            assertThat(site.leftovers(job)).as(job).isEmpty();
        }
    }
}
