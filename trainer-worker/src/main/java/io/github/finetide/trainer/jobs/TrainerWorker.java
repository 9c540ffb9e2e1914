package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.ClusterWatch;
import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.ReleasedModels;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.kafka.TopicView;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.Command;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingCommand;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.metrics.Metrics;
import io.github.finetide.runtime.Health;
import io.github.finetide.tracing.Tracing;
import io.github.finetide.trainer.training.Training;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.TopicConfig;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A trainer: takes jobs off the queue and has them trained until it is stopped. */
public final class TrainerWorker {
    /** A worker may be started before its broker; not much before. */
    private static final Duration START_LIMIT = Duration.ofMinutes(5);

    private static final Duration READ_LIMIT =
            Duration.ofMinutes(1); // seconds; an open transaction ends after 30 at most
    private static final Duration ANSWER_LIMIT =
            Duration.ofSeconds(10); // then transactions are tried anew, for minutes
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2); // a broker that is away does not answer
    private static final Logger log = LoggerFactory.getLogger(TrainerWorker.class);

    private record Clients(Admin admin, Producer<byte[], byte[]> producer, Refusals refusals) implements AutoCloseable {
        static Clients of(KafkaSettings kafka, String workerId, InstantSource clock) {
            Producer<byte[], byte[]> producer = kafka.producer(workerId + "-answers");
            return new Clients(kafka.admin(workerId + "-admin"), producer, new Refusals(producer, workerId, clock));
        }

        @Override
        public void close() {
            producer.close(CLOSE_LIMIT);
            admin.close(CLOSE_LIMIT);
        }
    }

    private final KafkaSettings kafka;
    private final String workerId;
    private final Training training;
    private final Runnable helping;
    private final Metrics metrics;
    private final TrainingMetrics trainingMetrics;
    private final Health health;
    private final StopSignal stopping;
    private final Tracing tracing;
    private final InstantSource clock = InstantSource.system();
    private List<String> warned = List.of();
    private final Obstacle start = new Obstacle();
    private final Obstacle followers = new Obstacle();
    private final Obstacle queue = new Obstacle();
    private final Obstacle held = new Obstacle();
    private final Obstacle publishing = new Obstacle();
    private volatile String startup = "starting";

    /** @param helping run once, when the topics are there */
    public TrainerWorker(
            KafkaSettings kafka,
            String workerId,
            Training training,
            Runnable helping,
            Metrics metrics,
            TrainingMetrics trainingMetrics,
            Health health,
            StopSignal stopping,
            Tracing tracing) {
        this.kafka = kafka;
        this.workerId = workerId;
        this.training = training;
        this.helping = helping;
        this.metrics = metrics;
        this.trainingMetrics = trainingMetrics;
        this.health = health;
        this.stopping = stopping;
        this.tracing = tracing;
        health.ready("trainer", this::problem);
        health.ready("start", start);
        health.ready("topics", followers);
        health.ready("queue", queue);
        health.ready("job", held);
        health.ready("events", publishing);
        metrics.noDeadLettersYet(kafka.topics().trainingJobs());
        metrics.noDeadLettersYet(kafka.topics().trainingCommands());
    }

    private @Nullable String problem() {
        if (stopping.isRequested()) {
            return "stopping";
        }
        return startup.isEmpty() ? null : startup;
    }

    /** Works until stopped; then the current job is saved and handed over. */
    public void run() {
        CommandLog commands = new CommandLog();
        try (Clients clients = Clients.of(kafka, workerId, clock);
                StatusReader statuses = new StatusReader(kafka, clients.admin(), workerId + "-status", READ_LIMIT);
                StatusReader waitingStatuses =
                        new StatusReader(kafka, clients.admin(), workerId + "-waiting-status", READ_LIMIT);
                WaitingJobs waiting = waiting(waitingStatuses, clients.admin());
                TopicFollower<TrainingCommand> reader = commandReader(clients.admin(), commands, waiting);
                TopicFollower<Boolean> inbox = inbox(clients);
                ClusterWatch cluster = ClusterWatch.start(kafka, clients.admin(), needs());
                QueueLag lag = new QueueLag(clients.admin(), kafka.topics(), trainingMetrics);
                ClientMetrics bound =
                        new ClientMetrics(metrics.bind(clients.admin()), metrics.bind(clients.producer()))) {
            health.ready("kafka", cluster::problem);
            if (prepared(clients.admin(), List.of(reader, inbox))) {
                health.live("commands", reader::dead);
                health.live("inbox", inbox::dead);
                lag.start();
                waiting.start();
                health.live("waiting", waiting::dead);
                startup = "";
                helping.run();
                log.info("Ready for jobs");
                queue(new JobDispatcher(context(statuses, commands, clients), training), bound)
                        .run();
            }
        }
        log.info("Stopped");
    }

    private List<ClusterWatch.Need> needs() {
        Topics topics = kafka.topics();
        Stream<ClusterWatch.Need> read =
                Stream.of(topics.trainingJobs(), topics.trainingCommands()).map(ClusterWatch.Need::toRead);
        Stream<ClusterWatch.Need> write = Stream.of(
                        topics.trainingMetrics(), topics.trainingCheckpoints(), topics.trainingFindings())
                .map(ClusterWatch.Need::toWrite);
        Set<AclOperation> both = Set.of(AclOperation.READ, AclOperation.WRITE);
        Stream<ClusterWatch.Need> readAndWritten = Stream.of(
                        Topics.deadLetters(topics.trainingJobs()),
                        Topics.deadLetters(topics.trainingCommands()),
                        topics.featureRequests(),
                        topics.featureResults())
                .map(topic -> new ClusterWatch.Need(topic, both));
        Stream<ClusterWatch.Need> states = Stream.of(topics.trainingStatus(), topics.modelReleases())
                .map(topic -> new ClusterWatch.Need(topic, both, true));
        return Stream.of(read, write, readAndWritten, states)
                .flatMap(Function.identity())
                .toList();
    }

    private WaitingJobs waiting(StatusReader statuses, Admin admin) {
        Topics topics = kafka.topics();
        return new WaitingJobs(
                topics,
                workerId,
                statuses::current,
                () -> jobsTopicId(admin),
                listener -> queued(admin, listener),
                (jobId, check) -> claim("-waiting", topics.transactionalId(jobId), check),
                training::tidy,
                clock);
    }

    private TopicView<TrainingJob> queued(Admin admin, TopicView.Listener<TrainingJob> listener) {
        long first = GroupAdmin.queueStart(admin, kafka.topics());
        TopicView<TrainingJob> view = new TopicView<>(
                kafka.reader(workerId + "-waiting", 1),
                kafka.topics().trainingJobs(),
                record -> Json.read(record.value(), TrainingJob.class),
                listener);
        view.startAt(first);
        return view;
    }

    private JobContext context(StatusReader statuses, CommandLog commands, Clients clients) {
        return new JobContext(
                kafka.topics(),
                workerId,
                () -> jobsTopicId(clients.admin()),
                statuses,
                (jobId, check) -> claim("-job", kafka.topics().transactionalId(jobId), check),
                clients.refusals(),
                malformedJobs(clients),
                commands,
                metrics,
                trainingMetrics,
                new ReleasedModels(kafka, clients.admin(), workerId + "-releases", READ_LIMIT)::find,
                tracing,
                OutageWait.POLICY,
                retrying(held),
                stopping,
                clock);
    }

    private String jobsTopicId(Admin admin) {
        return TopicAdmin.id(admin, kafka.topics().trainingJobs());
    }

    private JobOwnership claim(String client, String transactionalId, Transactions.CommitCheck check) {
        return new JobOwnership(new Transactions(
                transactionalId,
                () -> kafka.transactionalProducer(workerId + client, transactionalId, ANSWER_LIMIT),
                check,
                retrying(publishing)));
    }

    private Retrying retrying(Obstacle obstacle) {
        return new Retrying(Retrying.POLICY, obstacle, stopping, clock);
    }

    private TopicFollower<TrainingCommand> commandReader(Admin admin, CommandLog commands, WaitingJobs waiting) {
        String topic = kafka.topics().trainingCommands();
        return new TopicFollower<>(
                kafka.reader(workerId + "-commands", 1),
                topic,
                () -> TopicAdmin.id(admin, topic),
                record -> Json.read(record.value(), TrainingCommand.class),
                (command, at) -> {
                    commands.add(command, at);
                    if (command.command() == Command.CANCEL) {
                        waiting.cancel(command.jobId(), at);
                    }
                },
                refusals(admin, topic, new MalformedCommands(metrics)),
                () -> 0,
                retrying(followers));
    }

    /** Answers records that are no jobs as they come in, though all trainers may be busy for hours. */
    private TopicFollower<Boolean> inbox(Clients clients) {
        return new TopicFollower<>(
                kafka.reader(workerId + "-inbox", 1),
                kafka.topics().trainingJobs(),
                () -> jobsTopicId(clients.admin()),
                record -> !Json.read(record.value(), TrainingJob.class).jobId().isEmpty(),
                (job, at) -> {},
                malformedJobs(clients),
                () -> GroupAdmin.queueStart(clients.admin(), kafka.topics()), // jobs before it have their answer
                retrying(followers));
    }

    private TopicRefusals malformedJobs(Clients clients) {
        MalformedJobs answers = new MalformedJobs(
                kafka.topics(),
                workerId,
                clients.refusals(),
                jobId -> lastingStatus(clients.admin(), jobId),
                metrics,
                trainingMetrics);
        return refusals(clients.admin(), kafka.topics().trainingJobs(), answers);
    }

    private Optional<JobStatus> lastingStatus(Admin admin, String jobId) {
        try (StatusReader reader = new StatusReader(kafka, admin, workerId + "-lasting-status", READ_LIMIT)) {
            return reader.current().lastingStatus(jobId);
        }
    }

    private TopicRefusals refusals(Admin admin, String topic, TopicRefusals.Answers answers) {
        return new TopicRefusals(
                () -> TopicAdmin.id(admin, topic),
                () -> claim("-refusals", Topics.refusals(topic), records -> Transactions.CommitState.ANOTHER),
                () -> new DeadLetteredRecords(
                        kafka.reader(workerId + "-letters"), admin, Topics.deadLetters(topic), READ_LIMIT),
                answers,
                clock);
    }

    private JobQueue queue(JobHandler handler, ClientMetrics bound) {
        return new JobQueue(
                () -> {
                    ShareConsumer<byte[], byte[]> member =
                            kafka.shareConsumer(workerId, kafka.topics().trainerGroup());
                    bound.replaceMember(metrics.bind(member));
                    return member;
                },
                kafka.topics().trainingJobs(),
                GroupAdmin.RECORD_LOCK,
                handler,
                retrying(queue));
    }

    /**
     * Checks topics and group, reads all commands and refuses malformed jobs; returns false where stopped before that is done. For
     * what only somebody's change mends (rights, missing or wrong topics) it waits without a limit, which readiness shows.
     */
    private boolean prepared(Admin admin, List<TopicFollower<?>> followers) {
        Retrying retrying = retrying(start);
        Instant giveUp = clock.instant().plus(START_LIMIT);
        for (int failures = 1; !stopping.isRequested(); failures++) {
            try {
                requireTopics(admin);
                GroupAdmin.configureTrainerGroup(admin, kafka.topics(), GroupAdmin.RECORD_LOCK);
                requireTransactions();
                followers.forEach(follower -> follower.start(READ_LIMIT));
                start.gone();
                return true;
            } catch (FaultException | KafkaException e) {
                start.met("start with Kafka at " + kafka.bootstrapServers(), e);
                if (clock.instant().isAfter(giveUp) && !mayBeMended(e)) {
                    throw e;
                }
                boolean unused = retrying.pause(failures);
            }
        }
        return false;
    }

    /** A job would find out only when it has been taken. */
    private void requireTransactions() {
        String id = kafka.topics().trainerProbe(workerId);
        Producer<byte[], byte[]> probe = kafka.transactionalProducer(workerId + "-probe", id, ANSWER_LIMIT);
        try {
            probe.initTransactions();
        } finally {
            probe.close(CLOSE_LIMIT);
        }
    }

    private static boolean mayBeMended(RuntimeException e) {
        return KafkaFaults.isPermanent(e) || e.getCause() == null;
    }

    /** Refuses to work with several partitions or a compacted topic of jobs: jobs would be lost or never be seen. */
    private void requireTopics(Admin admin) {
        List<String> differences = TopicAdmin.check(admin, kafka.topics().trainerSpecs());
        List<String> wrong = differences.stream()
                .filter(difference -> difference.contains(" partitions, needs ")
                        || difference.contains(TopicConfig.CLEANUP_POLICY_CONFIG))
                .toList();
        if (!wrong.isEmpty()) {
            throw new FaultException(
                    ErrorKind.INVALID,
                    String.join("; ", wrong) + "; change it, or delete the topic and run \"finetide topics\"");
        }
        if (!differences.equals(warned)) {
            differences.forEach(difference ->
                    log.atWarn().addKeyValue("difference", difference).log("A topic is not as it should be"));
            warned = differences;
        }
    }
}
