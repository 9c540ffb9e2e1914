package io.github.finetide.trainer.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.Command;
import io.github.finetide.message.DatasetFindings;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingCounts;
import io.github.finetide.message.FindingKind;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.ModelWeights;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.TrainingCommand;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.WeightsFrom;
import io.github.finetide.trainer.learning.StepTimes;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.Directive;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.JobStart;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.ReviewedData;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.training.Jobs;
import io.github.finetide.trainer.training.Training;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A job from its record to its last status. */
@Timeout(60)
class JobDispatcherTest extends DispatchedJobs {
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

        List<CheckpointSaved> published = values(owned, topics.trainingCheckpoints()).stream()
                .map(value -> Json.read(value, CheckpointSaved.class))
                .toList();
        assertThat(published).extracting(CheckpointSaved::id).containsExactly("j/1/checkpoint", "j/1/precisions");
        assertThat(published.get(1).precisions()).containsEntry("int8", new PrecisionScores(0.5, 1));
        ModelRelease release = Json.read(values(owned, topics.modelReleases()).get(0), ModelRelease.class);
        assertThat(release.digest())
                .isEqualTo(amended.digest())
                .isEqualTo(published.get(1).digest());
    }

    @Test
    void whatIsDoubtfulInTheImagesComesWithTheLastStatusTheFirstHundredOfIt() {
        URI list = URI.create("file:///d/a");
        Finding finding = new Finding(FindingKind.OUTLIER, list, 1, list, "soup", null, 1, null);
        ReviewedData found = new ReviewedData(Collections.nCopies(250, finding), URI.create("file:///store/f"));
        handle((job, progress) -> {
            oneEpoch(job, progress);
            return new JobOutcome.Finished(
                    JobOutcome.Ending.ALL_EPOCHS,
                    Optional.of(SAVED),
                    Optional.of(SAVED),
                    Optional.empty(),
                    Optional.of(found));
        });

        List<byte[]> values = values(owned, topics.trainingFindings());
        assertThat(values).hasSize(1);
        DatasetFindings event = Json.read(values.get(0), DatasetFindings.class);
        assertThat(event.counts()).isEqualTo(new FindingCounts(0, 0, 0, 250, 0));
        assertThat(event.findings()).hasSize(100).containsOnly(finding);
        assertThat(event.uri()).isEqualTo(found.uri());
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
        known.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 1, 0));
        handle(this::oneEpoch);

        assertThat(values(owned, topics.trainingMetrics())).isEmpty();
        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(lastStatus(owned).attempt()).isEqualTo(2);
    }

    @Test
    void whatAModelIsReleasedAsWhenItsJobIsFirstTakenStaysTheWeightsOfAllAttempts() {
        byte[] job = Jobs.json(",\"weights\":\"model:dishes\"");
        WeightsFrom first = released("a@1");
        assertThat(handle(job, (taken, progress) -> {
                    assertThat(asked(taken, progress)).isEqualTo(first);
                    return new JobOutcome.HandedOver();
                }))
                .isEqualTo(JobAcknowledgement.RELEASED);
        assertThat(lastStatus(owned).weightsFrom()).isEqualTo(first);
        assertThat(statuses(owned).get(1).state()).as("told at once").isEqualTo(JobState.RUNNING);
        known.add(lastStatus(owned));
        WeightsFrom second = released("b@1");
        assertThat(second).isNotEqualTo(first);

        handle(job, (taken, progress) -> {
            assertThat(asked(taken, progress)).isEqualTo(first);
            return oneEpoch(taken, progress);
        });
        assertThat(lastStatus(owned).weightsFrom()).isEqualTo(first);
        assertThat(lastStatus(owned).attempt()).isEqualTo(2);
    }

    @Test
    void aJobWhoseModelIsNotReleasedFails() {
        handle(Jobs.json(",\"weights\":\"model:dishes\""), (taken, progress) -> {
            throw new AssertionError(asked(taken, progress));
        });
        assertThat(lastStatus(owned).error())
                .isEqualTo(new ErrorDetail(
                        ErrorKind.NOT_FOUND, "weights: model:dishes: no model of this name is released"));
    }

    private WeightsFrom released(String version) {
        URI folder = URI.create("file:///store/" + version);
        ModelRelease release = new ModelRelease("dishes", version, folder, SHA256, Jobs.NOW, null);
        released.add(release);
        return WeightsFrom.of(release);
    }

    private static WeightsFrom asked(TrainingJob job, Progress progress) {
        return progress.weightsFrom(ModelWeights.of(job.weights()).orElseThrow(), Optional::empty);
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
        known.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 1, 1));
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
            known.add(Jobs.status("another", digest, OFFSET, JobState.RUNNING, 0, 0, 2));
            owned.fenceProducer();
            progress.confirmOwnership();
            throw new AssertionError("went on without the job");
        });

        assertThat(disposition).isEqualTo(JobAcknowledgement.LOST);
        assertThat(publishing.problem()).as("an idle worker is ready").isNull();
        assertThat(values(answers, topics.trainingStatus())).isEmpty();
    }

    @Test
    void aJobThatKilledThreeWorkersIsGivenUp() {
        known.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 0, JobAttempt.MAX_CRASHES - 1));
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
        known.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 0, JobAttempt.MAX_CRASHES - 1, 2));
        delivery = 2;
        handle(this::oneEpoch);

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
        assertThat(statuses(owned).get(0).crashes()).isEqualTo(JobAttempt.MAX_CRASHES - 1);
    }

    @Test
    void aRecordHandedOutTooOftenIsQueuedAgainAsTheSameJob() {
        known.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 3, 1));
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
        statuses.add(Jobs.status(digest, OFFSET, JobState.QUEUED, 0, 1), 0);
        queuedAt = 10_000;
        firstQueued = "4000";
        handle((job, progress) -> {
            throw new AssertionError("started");
        });

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.CANCELLED);
    }

    @Test
    void aForgedHeaderBringsNoOldCommandToLife() {
        commands.add(new TrainingCommand("j", Command.CANCEL), Instant.ofEpochMilli(queuedAt - 1));
        firstQueued = "1";
        handle(this::oneEpoch);

        assertThat(lastStatus(owned).state()).isEqualTo(JobState.SUCCEEDED);
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
        known.add(Jobs.status(digest, OFFSET, JobState.RUNNING, 0, 1));
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
        known.add(Jobs.status(digest, OFFSET, JobState.QUEUED, 0, JobAttempt.MAX_CRASHES - 1));
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
            public void tidy(TrainingJob job, Runnable proof) {
                assertThat(statuses(owned)).as("before the end is published").isEmpty();
                proof.run();
                assertThat(lastStatus(owned).state()).as("proof").isEqualTo(JobState.QUEUED);
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
}
