package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.Best;
import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.Command;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.Scores;
import io.github.finetide.message.TrainingCommand;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Found;
import io.github.finetide.store.Saved;
import io.github.finetide.trainer.learning.Evaluation;
import io.github.finetide.trainer.learning.StepTimes;
import io.github.finetide.trainer.training.BatchResult;
import io.github.finetide.trainer.training.Directive;
import io.github.finetide.trainer.training.EpochResult;
import io.github.finetide.trainer.training.JobOutcome;
import io.github.finetide.trainer.training.JobStart;
import io.github.finetide.trainer.training.Jobs;
import io.github.finetide.trainer.training.Progress;
import io.github.finetide.trainer.training.SavedCheckpoint;
import io.github.finetide.trainer.training.Training;
import io.github.finetide.trainer.training.TrainingState;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JobDispatcherTest {
    private static final long OFFSET = 7;
    private static final String SHA256 = "0".repeat(64);
    private static final SavedCheckpoint SAVED =
            new SavedCheckpoint(1, URI.create("file:///store/j/epoch-0001"), SHA256, 10);

    private final Topics topics = new Topics("");
    private final StatusView statuses = new StatusView();
    private final CommandLog commands = new CommandLog();
    private final MockProducer<byte[], byte[]> owned = producer();
    private final MockProducer<byte[], byte[]> answers = producer();
    private final MockProducer<byte[], byte[]> refusals = producer();
    private final Set<Long> answered = new HashSet<>();
    private final Metrics metrics = new Metrics();
    private Instant now = Jobs.NOW;
    private final InstantSource clock = () -> now;
    private final StopSignal stopping = new StopSignal();
    private final TrainingMetrics trainingMetrics = new TrainingMetrics(metrics);
    private final String digest = Jobs.job().digest();
    private final Obstacle held = new Obstacle();
    private final Obstacle publishing = new Obstacle();
    private final List<String> problems = new ArrayList<>();
    private String topicId = "topic-a";
    private int unreadable;
    private Throwable unreadableBy = new TimeoutException("the leader of training.status is away");
    private boolean locked = true;
    private int delivery = 1;
    private long queuedAt = 1234;
    private String firstQueued = "";

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void aJobRunsAndItsReleaseComesWithItsLastStatus() {
        assertThat(handle(this::oneEpoch)).isEqualTo(JobAcknowledgement.DONE);

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(lastStatus(owned).jobOffset()).isEqualTo(OFFSET);
        ModelRelease release = Json.read(values(owned, topics.modelReleases()).get(0), ModelRelease.class);
        assertThat(release.version()).isEqualTo("j@1");
        assertThat(values(owned, topics.trainingMetrics())).hasSize(1);
        assertThat(values(owned, topics.trainingCheckpoints())).hasSize(1);
        assertThat(values(owned, Topics.deadLetters(topics.trainingJobs()))).isEmpty();
    }

    @Test
    void whatWasMeasuredIsToldOnceMoreWithTheDigestThatIsReleased() {
        SavedCheckpoint amended = new SavedCheckpoint(1, SAVED.uri(), "ef".repeat(32), 20);
        handle((job, progress) -> {
            oneEpoch(job, progress);
            return new JobOutcome.Finished(
                    JobOutcome.Ending.ALL_EPOCHS,
                    Optional.of(amended),
                    Optional.of(amended),
                    Optional.of(measured(job, amended)));
        });

        List<CheckpointSaved> told = values(owned, topics.trainingCheckpoints()).stream()
                .map(value -> Json.read(value, CheckpointSaved.class))
                .toList();
        assertThat(told).extracting(CheckpointSaved::id).containsExactly("j/1/checkpoint", "j/1/precisions");
        assertThat(told.get(1).precisions()).containsEntry("int8", new PrecisionScores(0.5, 1));
        ModelRelease release = Json.read(values(owned, topics.modelReleases()).get(0), ModelRelease.class);
        assertThat(release.digest())
                .isEqualTo(amended.digest())
                .isEqualTo(told.get(1).digest());
    }

    private static Found measured(TrainingJob job, SavedCheckpoint saved) {
        Scores scores = new Scores(1, 0.5);
        TrainingState state = TrainingState.start(job, SHA256)
                .afterEpoch(0.001, scores, new Evaluation(new ValidationScores(1, 0.5, 1), null, null));
        CheckpointManifest manifest = state.manifest().withPrecisions(Map.of("int8", new PrecisionScores(0.5, 1)));
        return new Found(new Saved(saved.uri(), saved.digest(), saved.sizeBytes()), manifest);
    }

    @Test
    void computedFeaturesAreNoImagesTrainedYetAndCheckpointsAreMeasured() {
        handle((job, progress) -> {
            progress.started(new JobStart(Optional.empty(), Optional.empty(), List.of(), ""));
            progress.batchEnded(batch(BatchResult.Split.FEATURES));
            progress.batchEnded(batch(BatchResult.Split.TRAIN));
            progress.batchEnded(batch(BatchResult.Split.VALIDATION));
            progress.checkpointSaved(Duration.ofSeconds(2), 1000);
            return new JobOutcome.HandedOver();
        });

        assertThat(metrics.registry().scrape())
                .contains("finetide_training_images_total{split=\"train\"} 8.0")
                .contains("finetide_training_images_total{split=\"validation\"} 8.0")
                .contains("finetide_checkpoint_write_seconds_sum 2.0")
                .contains("finetide_checkpoint_bytes_sum 1000.0");
    }

    @Test
    void anEpochToldBeforeIsNotToldAgain() {
        statuses.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 1, 0));
        handle(this::oneEpoch);

        assertThat(values(owned, topics.trainingMetrics())).isEmpty();
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(lastStatus(owned).attempt()).isEqualTo(2);
    }

    @Test
    void aResumedEpochWhoseEventsAreMissingIsTold() {
        handle((job, progress) -> {
            progress.started(new JobStart(Optional.of(epoch()), Optional.of(SAVED), List.of(), ""));
            return new JobOutcome.HandedOver();
        });

        assertThat(values(owned, topics.trainingMetrics())).hasSize(1);
        assertThat(lastStatus(owned).resumedFromEpoch()).isEqualTo(1);
    }

    @Test
    void goingOnFromACheckpointIsNoProgressThatEndsTheCountOfCrashes() {
        statuses.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 1, 1));
        handle((job, progress) -> {
            progress.started(new JobStart(Optional.of(epoch()), Optional.of(SAVED), List.of(), ""));
            return new JobOutcome.HandedOver();
        });

        assertThat(lastStatus(owned).epoch()).isEqualTo(1);
        assertThat(lastStatus(owned).crashes()).isEqualTo(2);
    }

    @Test
    void aFaultFailsTheJobWithADeadLetter() {
        JobAcknowledgement disposition = handle((job, progress) -> {
            throw new FaultException(ErrorKind.NOT_FOUND, "train.txt:3: a.jpg does not exist");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.FAILED);
        assertThat(lastStatus(owned).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.NOT_FOUND));
        assertThat(values(owned, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
        assertThat(values(owned, topics.modelReleases())).isEmpty();
    }

    @Test
    void aProgramErrorFailsTheJobToo() {
        handle((job, progress) -> {
            throw new IllegalStateException("bug");
        });

        assertThat(lastStatus(owned).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.INTERNAL));
    }

    @Test
    void aFullDiskFailsTheJobByName() {
        handle((job, progress) -> {
            throw new FaultException(ErrorKind.NO_SPACE, "/store/j: No space left on device");
        });

        assertThat(lastStatus(owned).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.NO_SPACE));
    }

    @Test
    void memoryThatRunsOutFailsTheJobAndNotTheWorker() {
        JobAcknowledgement disposition = handle((job, progress) -> {
            throw new OutOfMemoryError("Java heap space");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(lastStatus(owned).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.OUT_OF_MEMORY));
    }

    @Test
    void aStoreThatIsAwayForAMomentIsWaitedFor() {
        AtomicInteger tries = new AtomicInteger();
        handle((job, progress) -> {
            if (tries.incrementAndGet() == 1) {
                throw new FaultException(ErrorKind.UNAVAILABLE, "the store is not there");
            }
            return oneEpoch(job, progress);
        });

        assertThat(tries).hasValue(2);
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(values(owned, Topics.deadLetters(topics.trainingJobs()))).isEmpty();
    }

    @Test
    void aWorkerToldToStopDoesNotWaitForTheStore() {
        JobAcknowledgement disposition = handle((job, progress) -> {
            stopping.request();
            throw new FaultException(ErrorKind.UNAVAILABLE, "the store is not there");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.RELEASED);
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.QUEUED);
    }

    @Test
    void aJobOverItsTimeReleasesWhatIsKnownThoughTheStoreIsAway() {
        JobAcknowledgement disposition = handle(Jobs.json(",\"maxDuration\":\"PT0.001S\""), (job, progress) -> {
            oneEpoch(job, progress);
            now = now.plusSeconds(1);
            throw new FaultException(ErrorKind.UNAVAILABLE, "the store is not there");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.CANCELLED);
        assertThat(lastStatus(owned).reason()).contains("maxDuration");
        assertThat(values(owned, topics.modelReleases())).hasSize(1);
    }

    @Test
    void anImageThatStaysAwayFailsTheJobThoughEachRunGetsAsFarAgain() {
        AtomicInteger runs = new AtomicInteger();
        handle((job, progress) -> {
            now = now.plus(OutageWait.POLICY.patience().dividedBy(2)).plusSeconds(1);
            progress.batchEnded(batch(BatchResult.Split.TRAIN));
            runs.incrementAndGet();
            throw new FaultException(ErrorKind.UNAVAILABLE, "image 7 is not there");
        });

        assertThat(runs).hasValue(3);
        assertThat(lastStatus(owned).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.UNAVAILABLE));
    }

    /** The run itself tries again what it needs of the store; its waiting and the job's have one limit. */
    @Test
    void aStoreThatStaysAwayIsTriedForTenMinutesInAll() {
        Instant first = now;
        AtomicInteger tries = new AtomicInteger();
        handle((job, progress) -> {
            while (true) {
                FaultException away = new FaultException(ErrorKind.UNAVAILABLE, "the store is not there");
                now = tries.incrementAndGet() == 1 ? now : now.plusSeconds(30);
                progress.awaitRetry("save a checkpoint", away);
            }
        });

        assertThat(Duration.between(first, now)).isEqualTo(Duration.ofMinutes(10));
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.FAILED);
    }

    @Test
    void anOutageAfterHoursIsWaitedForToo() {
        AtomicInteger runs = new AtomicInteger();
        handle((job, progress) -> {
            now = now.plus(Duration.ofHours(5));
            if (runs.incrementAndGet() == 1) {
                throw new FaultException(ErrorKind.UNAVAILABLE, "the file server is not there");
            }
            return oneEpoch(job, progress);
        });

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aJobGivenAwayIsQueuedAndSaysNoMore() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        JobDispatcher[] runner = new JobDispatcher[1];
        runner[0] = runner((job, progress) -> {
            try {
                assertThat(other.submit(() -> runner[0].giveAway()).get()).isEqualTo(JobAcknowledgement.RELEASED);
            } catch (InterruptedException | ExecutionException e) {
                throw new IllegalStateException(e);
            }
            return oneEpoch(job, progress);
        });
        assertThat(runner[0].handle(record(Jobs.json("")), () -> true)).isEqualTo(JobAcknowledgement.LOST);
        other.shutdown();

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.QUEUED);
        assertThat(values(owned, topics.trainingMetrics())).isEmpty();
    }

    @Test
    void aFencedOwnerStopsWithoutAWord() {
        JobAcknowledgement disposition = handle((job, progress) -> {
            statuses.add(Jobs.status("another", digest, OFFSET, JobState.RUNNING, 0, 0, 2));
            owned.fenceProducer();
            progress.confirmOwnership();
            throw new AssertionError("went on without the job");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.LOST);
        assertThat(publishing.problem()).as("an idle worker is ready").isNull();
        assertThat(values(answers, topics.trainingStatus())).isEmpty();
    }

    @Test
    void aJobThatKafkaDoesNotLetThisWorkerDoIsHeldUntilItDoes() {
        owned.initTransactionException = new TransactionalIdAuthorizationException("denied");
        AtomicInteger claims = new AtomicInteger();
        JobAcknowledgement acknowledgement = handle(oneClaimAfter(12, claims), this::oneEpoch);

        assertThat(acknowledgement).isEqualTo(JobAcknowledgement.DONE);
        assertThat(claims).hasValue(13);
        assertThat(problems).isNotEmpty().allMatch(problem -> problem.contains("no right to the transactional id"));
        assertThat(held.problem()).as("afterwards").isNull();
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aJobWhoseStatusesCannotBeReadIsHeldToo() {
        unreadable = 12;
        handle(this::oneEpoch);

        assertThat(unreadable).isZero();
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aHeldJobIsLeftWhenItsLockIsLostOrTheWorkerStops() {
        unreadable = Integer.MAX_VALUE;
        locked = false;
        assertThat(handle(this::oneEpoch)).isEqualTo(JobAcknowledgement.LOST);
        assertThat(held.problem()).as("it holds nothing any more").isNull();
        locked = true;
        stopping.request();
        assertThat(handle(this::oneEpoch)).isEqualTo(JobAcknowledgement.LOST);
    }

    @Test
    void beforeTheLastDeliveryAJobThatCannotBeWorkedOnIsQueuedAgain() {
        delivery = JobRecords.LAST_DELIVERY;
        unreadable = Integer.MAX_VALUE;

        assertThat(handle(this::oneEpoch)).isEqualTo(JobAcknowledgement.DONE);
        assertThat(values(answers, topics.trainingJobs())).containsExactly(Jobs.json(""));
    }

    @Test
    void whereNotEvenThatCanBeWrittenNothingIsAcknowledged() {
        delivery = JobRecords.LAST_DELIVERY;
        unreadable = 12;
        answers.sendException = new TopicAuthorizationException(topics.trainingJobs());

        assertThat(handle(this::oneEpoch))
                .as("it was held until all could be written")
                .isEqualTo(JobAcknowledgement.DONE);
        assertThat(values(answers, topics.trainingJobs())).isEmpty();
        assertThat(values(owned, topics.trainingJobs())).containsExactly(Jobs.json(""));
    }

    @Test
    void anErrorOfTheProgramItselfCostsOneRecordItsJob() {
        unreadableBy = new StackOverflowError();
        unreadable = 1;

        assertThat(handle(this::oneEpoch)).isEqualTo(JobAcknowledgement.DONE);
        assertThat(lastStatus(refusals).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.INTERNAL));
        assertThat(values(refusals, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
    }

    @Test
    void aJobThatKilledThreeWorkersIsGivenUp() {
        statuses.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 0, JobAttempt.MAX_CRASHES - 1));
        JobAcknowledgement disposition = handle((job, progress) -> {
            throw new AssertionError("started once more");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(lastStatus(owned).error())
                .isNotNull()
                .satisfies(error -> assertThat(error.kind()).isEqualTo(ErrorKind.ATTEMPTS_EXHAUSTED));
        assertThat(lastStatus(owned).attempt())
                .as("the fourth worker did not try")
                .isEqualTo(1);
        assertThat(values(owned, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
    }

    @Test
    void aBrokerThatForgotTheOwnerIsNoCrash() {
        statuses.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 0, JobAttempt.MAX_CRASHES - 1, 2));
        delivery = 2;
        handle(this::oneEpoch);

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(statuses(owned).get(0).crashes()).isEqualTo(JobAttempt.MAX_CRASHES - 1);
    }

    @Test
    void aRecordHandedOutTooOftenIsQueuedAgainAsTheSameJob() {
        statuses.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 3, 1));
        delivery = JobRecords.LAST_DELIVERY;
        JobAcknowledgement disposition = handle((job, progress) -> {
            throw new AssertionError("started");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(values(owned, topics.trainingJobs())).containsExactly(Jobs.json(""));
        ProducerRecord<byte[], byte[]> again = owned.history().get(0);
        assertThat(again.headers().lastHeader(EventRecords.FIRST_QUEUED).value())
                .asString()
                .isEqualTo("1234");
        JobStatus status = lastStatus(owned);
        assertThat(status.state()).isEqualTo(JobState.QUEUED);
        assertThat(status.jobOffset()).as("of the new record").isZero();
        assertThat(status.attempt()).isEqualTo(2);
        assertThat(status.crashes()).isEqualTo(2);
        assertThat(status.startedAt()).isEqualTo(Jobs.NOW);
    }

    @Test
    void whatWasAskedOfAJobHoldsWhenItsRecordIsQueuedAgain() {
        commands.add(new TrainingCommand("j", Command.CANCEL), Instant.ofEpochMilli(5000));
        queuedAt = 10_000;
        firstQueued = "4000";
        handle((job, progress) -> {
            throw new AssertionError("started");
        });

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aForgedHeaderMakesNoJobDeaf() {
        commands.add(new TrainingCommand("j", Command.CANCEL), Instant.ofEpochMilli(queuedAt + 1));
        firstQueued = "999999999999999";
        handle((job, progress) -> {
            throw new AssertionError("started");
        });

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aRecordFromTheFutureIsNoDeafJobEither() {
        commands.add(new TrainingCommand("j", Command.CANCEL), Jobs.NOW);
        queuedAt = Jobs.NOW.plusSeconds(86_400).toEpochMilli();
        handle((job, progress) -> {
            throw new AssertionError("started");
        });

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void whatIsSavedInTheMiddleOfAnEpochEndsTheCountOfCrashes() {
        statuses.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 0, 1));
        handle((job, progress) -> {
            commands.add(new TrainingCommand("j", Command.CHECKPOINT), Jobs.NOW);
            assertThat(progress.directive()).isEqualTo(Directive.CHECKPOINT);
            progress.checkpointSaved(Duration.ofSeconds(1), 100);
            progress.checkpointObeyed();
            progress.batchEnded(new BatchResult(
                    BatchResult.Split.TRAIN, 1, 1, 9, 8, new StepTimes(1, 1, 1, 1), 0.1, Duration.ofSeconds(9)));
            progress.confirmOwnership();
            return new JobOutcome.HandedOver();
        });

        assertThat(statuses(owned).get(0).crashes()).isEqualTo(2);
        assertThat(lastStatus(owned).crashes()).isZero();
    }

    @Test
    void handOversAreNoCrashes() {
        statuses.add(Jobs.status(digest, OFFSET, JobState.QUEUED, 0, JobAttempt.MAX_CRASHES - 1));
        handle(this::oneEpoch);

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
    }

    @Test
    void aStoppingWorkerHandsItsJobOver() {
        JobAcknowledgement disposition = handle((job, progress) -> {
            stopping.request();
            assertThat(progress.directive()).isEqualTo(Directive.HAND_OVER);
            return new JobOutcome.HandedOver();
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.RELEASED);
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.QUEUED);
    }

    @Test
    void whatKilledWorkersLeftOfAJobThatIsCancelledIsRemoved() {
        commands.add(new TrainingCommand("j", Command.CANCEL), Jobs.NOW);
        List<String> tidied = new ArrayList<>();
        handle(new Training() {
            @Override
            public JobOutcome run(TrainingJob job, Progress progress) {
                throw new AssertionError("started");
            }

            @Override
            public void tidy(TrainingJob job) {
                assertThat(statuses(owned)).as("before the end is told").isEmpty();
                tidied.add(job.jobId());
                throw new FaultException(ErrorKind.UNAVAILABLE, "the store is not there");
            }
        });

        assertThat(tidied).containsExactly("j");
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aQueuedJobThatWasCancelledNeverStarts() {
        commands.add(new TrainingCommand("j", Command.CANCEL), Jobs.NOW);
        handle((job, progress) -> {
            throw new AssertionError("started");
        });

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.CANCELLED);
        assertThat(lastStatus(owned).reason()).isEqualTo("cancelled by command");
    }

    @Test
    void aJobDoneBeforeIsAnsweredNotTrained() {
        statuses.add(Jobs.status(digest, OFFSET - 1, JobState.SUCCEEDED, 20, 0));
        handle((job, progress) -> {
            throw new AssertionError("trained again");
        });

        assertThat(lastStatus(answers).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(lastStatus(answers).jobOffset()).isEqualTo(OFFSET);
        assertThat(owned.history()).isEmpty();
    }

    @Test
    void anotherJobOfTheSameNameIsRefusedAndTheResultStaysTheLastStatus() {
        statuses.add(Jobs.status("other", OFFSET - 1, JobState.SUCCEEDED, 20));
        handle(this::oneEpoch);

        List<JobStatus> told = statuses(answers);
        assertThat(told).extracting(JobStatus::state).containsExactly(JobState.FAILED, JobState.SUCCEEDED);
        assertThat(values(answers, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
        assertThat(owned.history()).isEmpty();
    }

    @Test
    void theResultThatStaysSaysWhatElseWasSubmittedUnderItsName() {
        statuses.add(Jobs.status("other", OFFSET - 1, JobState.SUCCEEDED, 20));
        handle(this::oneEpoch);
        handle(this::oneEpoch);

        assertThat(lastStatus(answers).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(lastStatus(answers).warnings())
                .singleElement()
                .asString()
                .contains("offset " + OFFSET, "another content", "a jobId of its own");
    }

    @Test
    void aJobSaysAtItsEndWhatWasRefusedMeanwhileUnderItsName() {
        handle((job, progress) -> {
            statuses.add(Jobs.status("other", OFFSET + 1, JobState.FAILED, 0));
            return oneEpoch(job, progress);
        });

        assertThat(lastStatus(owned).warnings()).singleElement().asString().contains("offset " + (OFFSET + 1));
    }

    @Test
    void aTopicMadeAnewSwallowsNoJob() {
        JobStatus old = Jobs.status(digest, OFFSET, JobState.FAILED, 0, 0);
        statuses.add(old.with().jobTopicId("topic-of-before").build());
        statuses.add(
                old.with().jobTopicId("topic-of-before").jobOffset(OFFSET + 9).build());
        handle(this::oneEpoch);

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(lastStatus(owned).jobTopicId()).isEqualTo("topic-a");
    }

    @Test
    void aJobGivenAwayWhileItsEpochIsPublishedDoesNotSayThatTheEpochIsDone() {
        JobDispatcher[] dispatcher = new JobDispatcher[1];
        dispatcher[0] = runner((job, progress) -> {
            progress.started(new JobStart(Optional.empty(), Optional.empty(), List.of(), ""));
            owned.sendException = new TimeoutException("the broker is away");
            stopping.request();
            try {
                progress.epochEnded(epoch());
            } finally {
                owned.sendException = null;
                assertThat(dispatcher[0].giveAway()).isEqualTo(JobAcknowledgement.RELEASED);
            }
            return new JobOutcome.HandedOver();
        });
        dispatcher[0].handle(record(Jobs.json("")), () -> true);

        assertThat(values(owned, topics.trainingMetrics())).isEmpty();
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.QUEUED);
        assertThat(lastStatus(owned).epoch()).isZero();
    }

    @Test
    void aTypingErrorIsAnsweredToWhoMadeIt() {
        JobAcknowledgement disposition = handle(Jobs.json(",\"epoch\":3"), this::oneEpoch);

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(lastStatus(refusals).jobId()).isEqualTo("j");
        assertThat(lastStatus(refusals).error())
                .isNotNull()
                .satisfies(
                        error -> assertThat(error.message()).isEqualTo("epoch: is not a field; did you mean epochs?"));
        assertThat(values(refusals, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
    }

    @Test
    void aTypingErrorThatWasAnsweredAsItCameInIsNotAnsweredAgain() {
        answered.add(OFFSET);
        JobAcknowledgement disposition = handle(Jobs.json(",\"epoch\":3"), this::oneEpoch);

        assertThat(disposition).isEqualTo(JobAcknowledgement.DONE);
        assertThat(refusals.history()).isEmpty();
    }

    @Test
    void aTypingErrorInANameWithResultsLeavesItsResultTheLastStatus() {
        statuses.add(Jobs.status("other", OFFSET - 1, JobState.SUCCEEDED, 20));
        handle(Jobs.json(",\"epoch\":3"), this::oneEpoch);

        assertThat(statuses(refusals))
                .extracting(JobStatus::state)
                .containsExactly(JobState.FAILED, JobState.SUCCEEDED);
    }

    @Test
    void aTypingErrorThatCannotBeAnsweredStaysInTheQueue() {
        refusals.initTransactionException = new TimeoutException("no broker");
        stopping.request();
        JobAcknowledgement disposition = handle(Jobs.json(",\"epoch\":3"), this::oneEpoch);

        assertThat(disposition).isEqualTo(JobAcknowledgement.LOST);
        assertThat(refusals.history()).isEmpty();
    }

    @Test
    void bytesThatAreNoJsonBecomeADeadLetter() {
        handle(new byte[] {1, 2, 3}, this::oneEpoch);

        assertThat(values(refusals, Topics.deadLetters(topics.trainingJobs()))).hasSize(1);
        assertThat(statuses(refusals)).isEmpty();
    }

    private JobAcknowledgement handle(Training training) {
        return handle(Jobs.json(""), training);
    }

    private JobAcknowledgement handle(JobOwnership.Claims claims, Training training) {
        return runner(claims, training).handle(record(Jobs.json("")), () -> locked);
    }

    private JobAcknowledgement handle(byte[] value, Training training) {
        return runner(training).handle(record(value), () -> locked);
    }

    private JobDispatcher runner(Training training) {
        return runner((jobId, check) -> ownership(owned, check), training);
    }

    private JobDispatcher runner(JobOwnership.Claims claims, Training training) {
        Refusals words = new Refusals(answers, "w", clock);
        JobContext context = new JobContext(
                topics,
                "w",
                () -> topicId,
                seen(),
                claims,
                words,
                new TopicRefusals(
                        () -> ownership(refusals, records -> Transactions.CommitState.ANOTHER),
                        () -> answered,
                        new MalformedJobs(topics, "w", words, statuses::standing, metrics, trainingMetrics),
                        clock),
                commands,
                metrics,
                trainingMetrics,
                Quickly.OUTAGES,
                Quickly.retrying(held, stopping, clock),
                stopping,
                clock);
        return new JobDispatcher(context, training);
    }

    private static RuntimeException thrown(Throwable why) {
        if (why instanceof Error error) {
            throw error;
        }
        return (RuntimeException) why;
    }

    /** An owner that is refused so often. */
    private JobOwnership.Claims oneClaimAfter(int refused, AtomicInteger claims) {
        return (jobId, check) -> {
            if (claims.getAndIncrement() == refused) {
                owned.initTransactionException = null;
            }
            String problem = held.problem();
            if (problem != null) {
                problems.add(problem);
            }
            return ownership(owned, check);
        };
    }

    private StatusView.Source seen() {
        return new StatusView.Source() {
            @Override
            public StatusView glance() {
                if (unreadable > 0) {
                    unreadable--;
                    throw thrown(unreadableBy);
                }
                return statuses;
            }

            @Override
            public StatusView current() {
                return statuses;
            }
        };
    }

    private JobOwnership ownership(MockProducer<byte[], byte[]> producer, Transactions.CommitCheck check) {
        return new JobOwnership(
                new Transactions("training-j", () -> producer, check, Quickly.retrying(publishing, stopping, clock)));
    }

    private ConsumerRecord<byte[], byte[]> record(byte[] value) {
        Headers headers = new RecordHeaders();
        if (!firstQueued.isEmpty()) {
            headers.add(EventRecords.FIRST_QUEUED, firstQueued.getBytes(StandardCharsets.UTF_8));
        }
        return new ConsumerRecord<>(
                topics.trainingJobs(),
                0,
                OFFSET,
                queuedAt,
                TimestampType.LOG_APPEND_TIME,
                0,
                value.length,
                new byte[0],
                value,
                headers,
                Optional.empty(),
                Optional.of((short) delivery));
    }

    private JobOutcome oneEpoch(TrainingJob job, Progress progress) {
        progress.started(new JobStart(Optional.empty(), Optional.empty(), List.of(), ""));
        progress.confirmOwnership();
        progress.epochEnded(epoch());
        return new JobOutcome.Finished(
                JobOutcome.Ending.ALL_EPOCHS, Optional.of(SAVED), Optional.of(SAVED), Optional.empty());
    }

    private static BatchResult batch(BatchResult.Split split) {
        StepTimes times = new StepTimes(0, 1, 0, 0);
        return new BatchResult(split, 1, 1, 3, 8, times, 0.1, Duration.ZERO);
    }

    private static EpochResult epoch() {
        return new EpochResult(
                1,
                20,
                new Scores(1, 0.5),
                new Evaluation(new ValidationScores(1, 0.5, 1), null, null),
                0.001,
                new Best(1, 0.5, 1),
                SAVED,
                SHA256,
                Duration.ofSeconds(1),
                10);
    }

    private JobStatus lastStatus(MockProducer<byte[], byte[]> producer) {
        List<JobStatus> told = statuses(producer);
        return told.get(told.size() - 1);
    }

    private List<JobStatus> statuses(MockProducer<byte[], byte[]> producer) {
        return values(producer, topics.trainingStatus()).stream()
                .map(value -> Json.read(value, JobStatus.class))
                .toList();
    }

    private static List<byte[]> values(MockProducer<byte[], byte[]> producer, String topic) {
        return producer.history().stream()
                .filter(record -> record.topic().equals(topic))
                .map(ProducerRecord::value)
                .toList();
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
            private boolean initialized;

            /** Stands for each new producer under its id. */
            @Override
            public void initTransactions() {
                if (!initialized || initTransactionException != null) {
                    super.initTransactions();
                    initialized = true;
                }
            }

            @Override
            public void close(Duration timeout) {}
        };
    }
}
