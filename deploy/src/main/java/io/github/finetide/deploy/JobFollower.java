package io.github.finetide.deploy;

import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.CheckpointSaved;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.ModelRelease;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Follows one job on the status and metrics topics to its end. */
final class JobFollower implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    /** Status and metrics of an epoch are committed together, but arrive from two topics. */
    private static final Duration LATE_METRICS = Duration.ofSeconds(5);

    /** A free trainer takes a job within a second or two. */
    private static final Duration UNHEARD = Duration.ofSeconds(15);

    private final Screen screen;
    private final EventTail tail;
    private final JobView view;

    /** Follows what is written from now on: open it before the job is sent. */
    JobFollower(KafkaSettings kafka, Screen screen, String jobId) {
        Topics topics = kafka.topics();
        this.screen = screen;
        this.view = new JobView(screen, jobId);
        this.tail = EventTail.fromNow(
                kafka,
                Map.of(
                        topics.trainingStatus(),
                        JobStatus.class,
                        topics.trainingMetrics(),
                        EpochMetrics.class,
                        topics.trainingCheckpoints(),
                        CheckpointSaved.class,
                        topics.modelReleases(),
                        ModelRelease.class));
    }

    JobView view() {
        return view;
    }

    /** Shows the job until it ends. */
    JobStatus follow() {
        return follow(() -> true);
    }

    /** Shows the job until it ends; fails as soon as there is nobody left to work on it. */
    JobStatus follow(BooleanSupplier goesOn) {
        Instant unheard = Instant.now().plus(UNHEARD);
        while (view.end().isEmpty()) {
            if (!goesOn.getAsBoolean()) {
                throw new CommandFailure("the trainer has ended before its job");
            }
            tail.poll(POLL).forEach(view::show);
            if (!view.isHeardOf() && Instant.now().isAfter(unheard)) {
                screen.line("No trainer has taken the job yet: all are busy, or none runs.");
                unheard = Instant.MAX;
            }
        }
        awaitLateMetrics();
        screen.eraseBar();
        return view.end().orElseThrow();
    }

    private void awaitLateMetrics() {
        JobStatus end = view.end().orElseThrow();
        Instant limit = Instant.now().plus(LATE_METRICS);
        boolean trained = end.state() == JobState.SUCCEEDED && end.reason() == null;
        while (trained && lastEpochSeen() < end.epoch() && Instant.now().isBefore(limit)) {
            tail.poll(POLL).forEach(view::show);
        }
    }

    /** What the ended job released, where it is said soon. */
    Optional<ModelRelease> release() {
        Instant limit = Instant.now().plus(LATE_METRICS);
        while (view.release().isEmpty() && Instant.now().isBefore(limit)) {
            tail.poll(POLL).forEach(view::show);
        }
        return view.release();
    }

    private int lastEpochSeen() {
        return view.epochs().stream().mapToInt(EpochMetrics::epoch).max().orElse(0);
    }

    @Override
    public void close() {
        tail.close();
    }
}
