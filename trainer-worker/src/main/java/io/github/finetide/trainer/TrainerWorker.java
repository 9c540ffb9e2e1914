package io.github.finetide.trainer;

import io.github.finetide.kafka.GroupAdmin;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.TopicAdmin;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.Health;
import io.github.finetide.runtime.Metrics;
import io.github.finetide.runtime.TrainingMetrics;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A trainer: takes jobs off the queue and has them trained until told to stop. */
final class TrainerWorker {
    /** A worker may be started before its broker; not much before. */
    private static final Duration START_LIMIT = Duration.ofMinutes(5);

    private static final Duration BACK_OFF = Duration.ofSeconds(2);
    private static final Duration READ_LIMIT = Duration.ofMinutes(1); // a status topic is compacted: seconds at most
    private static final Logger log = LoggerFactory.getLogger(TrainerWorker.class);

    private final KafkaSettings kafka;
    private final String workerId;
    private final Training training;
    private final Metrics metrics;
    private final TrainingMetrics trainingMetrics;
    private final Health health;
    private final Stopping stopping = new Stopping();
    private final Clock clock = Clock.systemUTC();
    private volatile String startup = "starting";

    TrainerWorker(
            KafkaSettings kafka,
            String workerId,
            Training training,
            Metrics metrics,
            TrainingMetrics trainingMetrics,
            Health health) {
        this.kafka = kafka;
        this.workerId = workerId;
        this.training = training;
        this.metrics = metrics;
        this.trainingMetrics = trainingMetrics;
        this.health = health;
        health.ready("trainer", () -> startup.isEmpty() ? null : startup);
    }

    /** Stops taking jobs; the one in hand is saved and handed over. Returns at once. */
    void stop() {
        startup = "stopping";
        stopping.request();
    }

    /** Works until {@link #stop}. */
    void run() {
        CommandLog commands = new CommandLog();
        try (Admin admin = kafka.admin(workerId + "-admin");
                Producer<byte[], byte[]> producer = kafka.producer(workerId + "-answers");
                StatusReader statuses = new StatusReader(kafka, workerId + "-status", READ_LIMIT);
                CommandReader reader = new CommandReader(kafka, workerId + "-commands", commands);
                QueueLag lag = new QueueLag(admin, kafka.topics(), trainingMetrics, clock);
                ClientMetrics bound = new ClientMetrics(metrics.bind(admin), metrics.bind(producer))) {
            if (prepared(admin, reader)) {
                health.ready("kafka", lag::problem);
                lag.start();
                startup = stopping.isRequested() ? "stopping" : "";
                log.info("Ready for jobs");
                queue(new JobRunner(world(statuses, commands, producer), training, trainingMetrics), bound)
                        .run();
            }
        }
        log.info("Stopped");
    }

    private JobRunner.World world(StatusReader statuses, CommandLog commands, Producer<byte[], byte[]> producer) {
        return new JobRunner.World(
                kafka.topics(),
                workerId,
                statuses::current,
                jobId -> new Ownership(
                        kafka.transactionalProducer(
                                workerId + "-job", kafka.topics().transactionalId(jobId)),
                        stopping,
                        clock),
                new Refusals(producer, workerId, clock),
                commands,
                metrics,
                stopping,
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
                stopping);
    }

    /** Topics and group as they must be, and every command known; false where told to stop before. */
    private boolean prepared(Admin admin, CommandReader reader) {
        Instant giveUp = clock.instant().plus(START_LIMIT);
        while (!stopping.isRequested()) {
            try {
                TopicAdmin.ensure(admin, kafka.topics(), TopicAdmin.BROKER_DEFAULT)
                        .differences()
                        .forEach(log::warn);
                GroupAdmin.configureTrainerGroup(admin, kafka.topics(), GroupAdmin.RECORD_LOCK);
                reader.start(READ_LIMIT);
                return true;
            } catch (FaultException | KafkaException e) {
                if (clock.instant().isAfter(giveUp)) {
                    throw e;
                }
                startup = "waiting for Kafka: " + e.getMessage();
                log.warn("Waiting for Kafka at {}: {}", kafka.bootstrapServers(), e.getMessage());
                stopping.await(BACK_OFF);
            }
        }
        return false;
    }
}
