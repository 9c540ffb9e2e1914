package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.EventRecords;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.Best;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.message.PrecisionScores;
import io.github.finetide.message.Scores;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.message.ValidationScores;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.store.CheckpointManifest;
import io.github.finetide.store.Found;
import io.github.finetide.store.Saved;
import io.github.finetide.tracing.Tracing;
import io.github.finetide.trainer.learning.Evaluation;
import io.github.finetide.trainer.learning.StepTimes;
import io.github.finetide.trainer.progress.BatchResult;
import io.github.finetide.trainer.progress.EpochResult;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.JobStart;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.progress.SavedCheckpoint;
import io.github.finetide.trainer.training.Jobs;
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
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;

/**
 * One worker's dispatcher with everything around it in memory: what it publishes under the job's id is in {@code owned}, its
 * refusals in {@code refusals}, all else in {@code answers}. Tests set what happens around a job, and hand it over.
 */
class DispatchedJobs {
    static final long OFFSET = 7;
    static final String SHA256 = "0".repeat(64);
    static final SavedCheckpoint SAVED = new SavedCheckpoint(1, URI.create("file:///store/j/epoch-0001"), SHA256, 10);

    final Topics topics = new Topics("");
    final KnownStatuses known = new KnownStatuses();
    final StatusView statuses = known.view();
    final CommandLog commands = new CommandLog();
    final MockProducer<byte[], byte[]> owned = producer();
    final MockProducer<byte[], byte[]> answers = producer();
    final MockProducer<byte[], byte[]> refusals = producer();
    final Set<StatusView.Place> answered = new HashSet<>();
    final Metrics metrics = new Metrics();
    Instant now = Jobs.NOW;
    final InstantSource clock = () -> now;
    final StopSignal stopping = new StopSignal();
    final TrainingMetrics trainingMetrics = new TrainingMetrics(metrics);
    final String digest = Jobs.job().digest();
    final Obstacle held = new Obstacle();
    final Obstacle publishing = new Obstacle();
    final List<String> problems = new ArrayList<>();
    final List<ModelRelease> released = new ArrayList<>();
    String topicId = "topic-a";
    int unreadable;
    int lettersOpened;
    int lettersRead;
    Throwable unreadableBy = new TimeoutException("the leader of training.status is away");
    boolean locked = true;
    int delivery = 1;
    long queuedAt = 1234;
    String firstQueued = "";

    @AfterEach
    void close() {
        metrics.close();
    }

    static Found measured(TrainingJob job, SavedCheckpoint saved) {
        Scores scores = new Scores(1, 0.5);
        TrainingState state = TrainingState.start(job, SHA256)
                .afterEpoch(0.001, scores, new Evaluation(new ValidationScores(1, 0.5, 1), null, null));
        CheckpointManifest manifest = state.manifest().withPrecisions(Map.of("int8", new PrecisionScores(0.5, 1)));
        return new Found(new Saved(saved.uri(), saved.digest(), saved.sizeBytes()), manifest);
    }

    JobAcknowledgement handle(Training training) {
        return handle(Jobs.json(""), training);
    }

    JobAcknowledgement handle(JobOwnership.Claims claims, Training training) {
        return runner(claims, training).handle(record(Jobs.json("")), () -> locked);
    }

    JobAcknowledgement handle(byte[] value, Training training) {
        return runner(training).handle(record(value), () -> locked);
    }

    JobDispatcher runner(Training training) {
        return runner((jobId, check) -> ownership(owned, check), training);
    }

    JobDispatcher runner(JobOwnership.Claims claims, Training training) {
        Refusals words = new Refusals(answers, "w", clock);
        JobContext context = new JobContext(
                topics,
                "w",
                () -> topicId,
                seen(),
                claims,
                words,
                new TopicRefusals(
                        () -> topicId,
                        () -> ownership(refusals, records -> Transactions.CommitState.ANOTHER),
                        this::letters,
                        new MalformedJobs(topics, "w", words, statuses::lastingStatus, metrics, trainingMetrics),
                        clock),
                commands,
                metrics,
                trainingMetrics,
                named -> released.stream()
                        .filter(release -> release.model().equals(named.model()))
                        .filter(release ->
                                named.version() == null || named.version().equals(release.version()))
                        .reduce((older, newer) -> newer),
                Tracing.OFF,
                Quickly.OUTAGES,
                Quickly.retrying(held, stopping, clock),
                stopping,
                clock);
        return new JobDispatcher(context, training);
    }

    private TopicRefusals.Letters letters() {
        lettersOpened++;
        return () -> {
            lettersRead++;
            return answered;
        };
    }

    static RuntimeException thrown(Throwable why) {
        if (why instanceof Error error) {
            throw error;
        }
        return (RuntimeException) why;
    }

    /** An owner that is refused so often. */
    JobOwnership.Claims oneClaimAfter(int refused, AtomicInteger claims) {
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

    StatusView.Source seen() {
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

    JobOwnership ownership(MockProducer<byte[], byte[]> producer, Transactions.CommitCheck check) {
        return new JobOwnership(
                new Transactions("training-j", () -> producer, check, Quickly.retrying(publishing, stopping, clock)));
    }

    ConsumerRecord<byte[], byte[]> record(byte[] value) {
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

    JobOutcome oneEpoch(TrainingJob job, Progress progress) {
        progress.started(new JobStart(Optional.empty(), Optional.empty(), List.of(), ""));
        progress.confirmOwnership();
        progress.epochEnded(epoch());
        return new JobOutcome.Finished(
                JobOutcome.Ending.ALL_EPOCHS, Optional.of(SAVED), Optional.of(SAVED), Optional.empty());
    }

    static BatchResult batch(BatchResult.Split split) {
        StepTimes times = new StepTimes(0, 1, 0, 0);
        return new BatchResult(split, 1, 1, 3, 8, times, 0.1, Duration.ZERO);
    }

    static EpochResult epoch() {
        return new EpochResult(
                1,
                20,
                new Scores(1, 0.5),
                new Evaluation(new ValidationScores(1, 0.5, 1), null, null),
                0.001,
                new Best(1, 0.5, 1),
                SAVED,
                SHA256,
                null,
                Duration.ofSeconds(1),
                10);
    }

    JobStatus lastStatus(MockProducer<byte[], byte[]> producer) {
        List<JobStatus> statuses = statuses(producer);
        return statuses.get(statuses.size() - 1);
    }

    List<JobStatus> statuses(MockProducer<byte[], byte[]> producer) {
        return values(producer, topics.trainingStatus()).stream()
                .map(value -> Json.read(value, JobStatus.class))
                .toList();
    }

    static List<byte[]> values(MockProducer<byte[], byte[]> producer, String topic) {
        return producer.history().stream()
                .filter(record -> record.topic().equals(topic))
                .map(ProducerRecord::value)
                .toList();
    }

    static MockProducer<byte[], byte[]> producer() {
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
