package io.github.finetide.trainer.jobs.features;

import io.github.finetide.features.FeatureStore;
import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.kafka.KafkaSettings;
import io.github.finetide.message.ErrorDetail;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.FeatureRequest;
import io.github.finetide.message.FeatureResult;
import io.github.finetide.message.Json;
import io.github.finetide.message.TrainingJob;
import io.github.finetide.runtime.RetryPolicy;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.Progress;
import io.github.finetide.trainer.training.FeatureWork;
import io.github.finetide.trainer.training.Training;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes parts of other trainers' jobs as long as this one has no job, on a thread of its own. A part is taken off the
 * group before it is computed: whoever asked does what is not answered.
 */
public final class FeatureHelper implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10); // some batches of ResNet152
    private static final int IDLE_POLLS = 60; // half a minute: the network's memory is given back then

    /** After a part that this worker cannot do: others may take the next ones. */
    private static final Duration REFUSED_PAUSE = Duration.ofMinutes(1);

    private static final RetryPolicy RETRIES =
            new RetryPolicy(Integer.MAX_VALUE, Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofDays(1));
    private static final Logger log = LoggerFactory.getLogger(FeatureHelper.class);

    private final KafkaSettings kafka;
    private final String workerId;
    private final FeatureWork work;
    private final HelperTopics topics;
    private final InstantSource clock = InstantSource.system();
    private final Thread thread = new Thread(this::help, "feature-helper");
    private final ReentrantLock computing = new ReentrantLock();
    private final ReentrantLock state = new ReentrantLock();
    private final Condition changed = state.newCondition();
    private boolean busy;
    private boolean closed;
    private String problem = "";
    private int idlePolls;

    public FeatureHelper(KafkaSettings kafka, String workerId, FeatureWork work, HelperTopics topics) {
        this.kafka = kafka;
        this.workerId = workerId;
        this.work = work;
        this.topics = topics;
        thread.setDaemon(true);
    }

    /** Begins to help: the topics are there. */
    public void start() {
        thread.start();
    }

    /** Returns a training during which this worker helps nobody. */
    public Training before(Training training) {
        return new Training() {
            @Override
            public JobOutcome run(TrainingJob job, Progress progress) throws InterruptedException {
                standBack(true);
                try {
                    computing.lockInterruptibly(); // until the batch under way is done
                    try {
                        work.rest();
                        return training.run(job, progress);
                    } finally {
                        computing.unlock();
                    }
                } finally {
                    standBack(false);
                }
            }

            @Override
            public void tidy(TrainingJob job, Runnable proof) {
                training.tidy(job, proof);
            }
        };
    }

    private void standBack(boolean whileBusy) {
        state.lock();
        try {
            busy = whileBusy;
            changed.signalAll();
        } finally {
            state.unlock();
        }
    }

    private void help() {
        for (int failures = 0; awaitIdle(); ) {
            try {
                ShareConsumer<byte[], byte[]> member =
                        kafka.shareConsumer(workerId + "-helper", kafka.topics().featureGroup());
                try {
                    member.subscribe(List.of(kafka.topics().featureRequests()));
                    while (isFree()) {
                        serve(member);
                        failures = 0;
                    }
                } finally {
                    member.close(CLOSE_LIMIT);
                }
            } catch (KafkaException | FaultException e) {
                met(e);
                pause(RETRIES.pauseAfter(++failures));
            }
        }
    }

    private void met(Exception e) {
        String why = KafkaFaults.text(e);
        if (!why.equals(problem)) {
            problem = why;
            log.atWarn().addKeyValue("reason", why).log("This worker cannot help others now, and tries again");
        }
    }

    private void serve(ShareConsumer<byte[], byte[]> member) {
        var records = member.poll(POLL);
        problem = "";
        idlePolls = records.isEmpty() ? idlePolls + 1 : 0;
        if (idlePolls == IDLE_POLLS) {
            locked(work::rest);
        }
        for (ConsumerRecord<byte[], byte[]> record : records) {
            member.acknowledge(record, AcknowledgeType.ACCEPT);
            var unused = member.commitSync(CLOSE_LIMIT);
            locked(() -> compute(record));
        }
    }

    private void locked(Runnable work) {
        computing.lock();
        try {
            work.run();
        } finally {
            computing.unlock();
        }
    }

    private void compute(ConsumerRecord<byte[], byte[]> record) {
        FeatureRequest request;
        try {
            request = Json.read(record.value(), FeatureRequest.class);
        } catch (FaultException notARequest) {
            log.atWarn()
                    .addKeyValue("offset", record.offset())
                    .addKeyValue("reason", notARequest.getMessage())
                    .log("Not a part of a job's features");
            return;
        }
        if (isFree() && clock.instant().isBefore(request.expiresAt())) {
            compute(request);
        }
    }

    private void compute(FeatureRequest request) {
        long began = System.nanoTime();
        try {
            List<String> shards = work.compute(request, this::isFree);
            if (isFree()) {
                answer(request, shards, began, null);
            }
        } catch (RuntimeException | OutOfMemoryError refused) {
            FaultException fault = FaultException.of(refused);
            log.atInfo()
                    .addKeyValue("job", request.jobId())
                    .addKeyValue("reason", fault.getMessage())
                    .log("A part of a job's features cannot be computed here");
            answer(request, List.of(), began, fault.detail());
            pause(REFUSED_PAUSE);
        }
    }

    private void answer(FeatureRequest request, List<String> shards, long began, @Nullable ErrorDetail error) {
        @Nullable String digest = shards.isEmpty() ? null : shards.get(shards.size() - 1);
        var unused = topics.answer(new FeatureResult(
                request.jobId(),
                request.part(),
                digest == null ? null : FeatureStore.shard(request.backbone(), digest),
                digest,
                error == null ? request.images().size() : 0,
                (System.nanoTime() - began) / 1e9,
                workerId,
                error,
                clock.instant()));
    }

    /** Waits until this worker has no job; returns false when it ends. */
    private boolean awaitIdle() {
        state.lock();
        try {
            while (busy && !closed) {
                changed.awaitUninterruptibly();
            }
            return !closed;
        } finally {
            state.unlock();
        }
    }

    private boolean isFree() {
        state.lock();
        try {
            return !busy && !closed;
        } finally {
            state.unlock();
        }
    }

    /** Waits so long, or until this worker has a job or ends. */
    private void pause(Duration time) {
        state.lock();
        try {
            for (long left = time.toNanos(); left > 0 && !busy && !closed; ) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed = true;
        } finally {
            state.unlock();
        }
    }

    @Override
    public void close() {
        state.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            state.unlock();
        }
        try {
            thread.join(STOP_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
