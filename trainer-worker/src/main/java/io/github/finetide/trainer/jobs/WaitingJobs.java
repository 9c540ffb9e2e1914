package io.github.finetide.trainer.jobs;

import io.github.finetide.kafka.TopicView;
import io.github.finetide.kafka.Topics;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cancels jobs that nobody works on: while all trainers are busy, a job that waits would be cancelled only when one of
 * them comes to it, hours later. Every trainer reads every command and may do it; the first one decides.
 */
final class WaitingJobs implements AutoCloseable {
    /** A trainer that works on the job, or is about to, obeys the command itself within this time. */
    private static final Duration OWNERS_TIME = Duration.ofSeconds(3);

    /** Older commands are left to whoever takes the job. */
    private static final Duration MAX_AGE = Duration.ofDays(1);

    private static final Duration READ_LIMIT = Duration.ofMinutes(1); // 1 KB for each job that waits
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(6); // its producer takes 5 where no broker answers
    private static final Logger log = LoggerFactory.getLogger(WaitingJobs.class);

    private final Topics topics;
    private final String worker;
    private final Supplier<StatusView> statuses;
    private final Supplier<String> jobsTopicId;
    private final Function<TopicView.Listener<TrainingJob>, TopicView<TrainingJob>> queue;
    private final JobOwnership.Claims claims;
    private final BiConsumer<TrainingJob, Runnable> tidy;
    private final InstantSource clock;
    private final StopSignal closed = new StopSignal();
    private final Map<String, Instant> cancelled = new HashMap<>();
    private final Thread thread = new Thread(this::watch, "waiting-jobs");

    /**
     * Cancels nothing before {@link #start}.
     *
     * @param statuses reads the status topic to its end; used by nobody else
     * @param tidy removes what workers that were killed left of a job, once its second argument has proved the ownership
     * @param queue a view of the jobs' topic from the first one that waits
     */
    WaitingJobs(
            Topics topics,
            String worker,
            Supplier<StatusView> statuses,
            Supplier<String> jobsTopicId,
            Function<TopicView.Listener<TrainingJob>, TopicView<TrainingJob>> queue,
            JobOwnership.Claims claims,
            BiConsumer<TrainingJob, Runnable> tidy,
            InstantSource clock) {
        this.topics = topics;
        this.worker = worker;
        this.statuses = statuses;
        this.jobsTopicId = jobsTopicId;
        this.queue = queue;
        this.claims = claims;
        this.tidy = tidy;
        this.clock = clock;
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    /** Why only a restart of the process helps; null while the thread runs. */
    @Nullable String dead() {
        return closed.isRequested() || thread.isAlive() ? null : "jobs that wait are no longer cancelled";
    }

    /** Takes note of a command. */
    synchronized void cancel(String jobId, Instant at) {
        if (at.isAfter(clock.instant().minus(MAX_AGE))) {
            cancelled.put(jobId, at);
        }
    }

    private void watch() {
        while (!closed.await(OWNERS_TIME)) {
            try {
                obey();
            } catch (RuntimeException | Error e) { // whatever it is, the next look may go better
                if (!closed.isRequested()) {
                    log.atWarn().addKeyValue("reason", e.toString()).log("Waiting jobs cannot be cancelled yet");
                }
            }
        }
    }

    /** Cancels what was to be cancelled some time ago and still waits. */
    void obey() {
        Map<String, Instant> due = due();
        if (!due.isEmpty()) {
            String topicId = jobsTopicId.get();
            List<ConsumerRecord<byte[], byte[]>> records = records(due);
            for (ConsumerRecord<byte[], byte[]> record : records) {
                cancel(new JobRecords(topics, worker, topicId, record));
            }
            forget(due);
        }
    }

    private synchronized Map<String, Instant> due() {
        Instant before = clock.instant().minus(OWNERS_TIME);
        Map<String, Instant> due = new HashMap<>(cancelled);
        due.values().removeIf(at -> at.isAfter(before));
        return due;
    }

    private synchronized void forget(Map<String, Instant> done) {
        done.forEach(cancelled::remove);
    }

    /** The records of jobs that were there before they were to be cancelled. */
    private List<ConsumerRecord<byte[], byte[]>> records(Map<String, Instant> due) {
        List<ConsumerRecord<byte[], byte[]>> found = new ArrayList<>();
        TopicView.Listener<TrainingJob> listener = new TopicView.Listener<>() {
            @Override
            public void changed(String key, @Nullable TrainingJob job, ConsumerRecord<byte[], byte[]> record) {
                Instant at = job == null ? null : due.get(job.jobId());
                if (at != null
                        && !new JobRecords(topics, worker, "", record)
                                .queuedAt()
                                .isAfter(at)) {
                    found.add(record);
                }
            }
        };
        try (TopicView<TrainingJob> view = queue.apply(listener)) {
            view.catchUp(READ_LIMIT);
        }
        return found;
    }

    private void cancel(JobRecords events) {
        TrainingJob job = Json.read(events.cause().value(), TrainingJob.class);
        if (!waits(job, events)) {
            return;
        }
        try (JobOwnership ownership = claims.of(job.jobId(), records -> Transactions.CommitState.ANOTHER)) {
            ownership.take();
            if (waits(job, events)) {
                @Nullable JobStatus last = statuses.get().of(job.jobId(), events.place()).orElse(null);
                JobStatusTracker report = new JobStatusTracker(job, job.digest(), events, last, clock);
                report.notTried();
                tidy.accept(job, () -> ownership.publish(List.of(events.status(report.now(JobState.QUEUED)))));
                report.because("cancelled by command");
                ownership.publish(List.of(events.status(report.ended(JobState.CANCELLED, null))));
                log.atInfo().addKeyValue("job", job.jobId()).log("Waiting job cancelled");
            }
        } catch (FencedException e) {
            log.atDebug().addKeyValue("job", job.jobId()).log("Another worker cancels the job or works on it");
        }
    }

    private boolean waits(TrainingJob job, JobRecords events) {
        StatusView view = statuses.get();
        return view.judge(job, job.digest(), events.place()) == StatusView.Verdict.RUN
                && view.of(job.jobId(), events.place())
                        .map(status -> status.state() == JobState.QUEUED)
                        .orElse(true);
    }

    @Override
    public void close() {
        closed.request();
        thread.interrupt();
        try {
            thread.join(CLOSE_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
