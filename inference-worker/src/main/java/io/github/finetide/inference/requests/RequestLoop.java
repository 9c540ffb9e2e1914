package io.github.finetide.inference.requests;

import io.github.finetide.kafka.KafkaFaults;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Polls requests and has them passed on. Partitions are paused while enough is in flight; offsets are committed by the
 * {@link Publisher}, with the results. Which partitions it reads is kept by {@link PartitionOwnership}, which records it
 * passes on is decided by {@link RecordAdmission}; no other code touches the consumer.
 */
public final class RequestLoop {
    /** While some partitions rest, each round looks whether they may go on. */
    private static final Duration ROUND_AT_REST = Duration.ofMillis(20);

    /** While all rest, since enough is in flight, and nobody notifies that there is room again. */
    private static final Duration ROUND_WHEN_FULL = Duration.ofMillis(200);

    private static final Duration ROUND = Duration.ofMillis(200);

    /** After a round that failed for now: Kafka's client has tried for a minute before it says so. */
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** No client call takes more than two minutes, whatever is away. */
    private static final Duration ROUND_LIMIT = Duration.ofMinutes(10);

    /** For the last answers to be committed and the group to be left; then the session's end shows it to the group. */
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(10);

    /** A group that refuses this worker does not hear it leave either. */
    private static final Duration ABANDON_LIMIT = Duration.ofSeconds(1);

    private static final Logger log = LoggerFactory.getLogger(RequestLoop.class);

    private final Consumer<byte[], byte[]> consumer;
    private final RequestsTopic topic;
    private final Intake intake;
    private final PartitionOwnership partitions;
    private final RecordAdmission admission;
    private final PollRecovery recovery;

    /** Why no requests can be polled now; null where all is well. */
    private volatile @Nullable String trouble;

    /** When it came round last, by {@link System#nanoTime()}; null before the first time, and after the last. */
    private volatile @Nullable Long roundAt;

    private volatile boolean stopping;

    public RequestLoop(
            Consumer<byte[], byte[]> consumer,
            RequestsTopic topic,
            Intake intake,
            PartitionOwnership partitions,
            PollRecovery recovery) {
        this.consumer = consumer;
        this.topic = topic;
        this.intake = intake;
        this.partitions = partitions;
        this.admission = new RecordAdmission(consumer, intake, partitions);
        this.recovery = recovery;
    }

    /** Runs until {@link #stop()}; the consumer stays in its group until {@link #leave()}. */
    public void run() {
        consumer.subscribe(List.of(topic.name()), partitions);
        try {
            while (!stopping) {
                roundAt = System.nanoTime();
                roundOrPause();
            }
        } catch (WakeupException stop) {
            log.debug("Woken up to stop");
        } finally {
            roundAt = null;
        }
    }

    /** Why only a restart helps, in one sentence; null while it comes round. */
    @Nullable String stuck() {
        Long at = roundAt;
        return at == null || System.nanoTime() - at < ROUND_LIMIT.toNanos()
                ? null
                : "requests have not been polled for " + ROUND_LIMIT;
    }

    /** What passes by itself ends no worker: the next would meet it as well. */
    private void roundOrPause() {
        try {
            round();
            trouble = null;
        } catch (KafkaException why) {
            if (!(why instanceof RetriableException || why.getCause() instanceof RetriableException)) {
                throw why;
            }
            if (trouble == null) {
                log.atWarn().addKeyValue("reason", why).log("Requests cannot be polled now: tried again");
            }
            trouble = KafkaFaults.text(why);
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void round() {
        boolean rests = rest();
        ConsumerRecords<byte[], byte[]> polled = poll(rests ? Duration.ZERO : ROUND);
        partitions.publishSnapshot();
        admission.takeAll(polled);
        partitions.polledUpToPositions();
        partitions.adoptFresh();
        if (rests && polled.isEmpty()) {
            pause();
        }
    }

    private ConsumerRecords<byte[], byte[]> poll(Duration wait) {
        try {
            return consumer.poll(wait);
        } catch (OutOfMemoryError | KafkaException why) {
            if (!PollRecovery.isDue(why)) {
                throw why;
            }
            log.atError().addKeyValue("reason", why).log("A record cannot be polled: records are read one by one");
            partitions.adopted().forEach(this::recover);
            return ConsumerRecords.empty();
        }
    }

    private void recover(TopicPartition partition) {
        PartitionOwnership.ifAssigned(partition, assigned -> {
            long position = consumer.position(partition, PAUSE);
            consumer.seek(partition, recovery.read(partition, position, admission));
        });
    }

    /** Not within poll: with records of a resting partition at hand it waits for nothing, over and over. */
    private void pause() {
        if (!intake.isFull()) {
            LockSupport.parkNanos(ROUND_AT_REST.toNanos());
            return;
        }
        try {
            intake.awaitRoom(ROUND_WHEN_FULL);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            stopping = true;
        }
    }

    /** From any thread: ends {@link #run()} soon. */
    public void stop() {
        stopping = true;
        consumer.wakeup();
    }

    /** Gives partitions back, with what has been answered committed, and leaves the group. */
    public void leave() {
        consumer.close(CloseOptions.timeout(LEAVE_LIMIT));
    }

    /** Lets go of everything and closes the consumer: the group refuses this worker. What is in flight is dropped. */
    void abandon() {
        partitions.abandon();
        try {
            consumer.close(CloseOptions.timeout(ABANDON_LIMIT));
        } catch (KafkaException refused) {
            log.debug("Group not left in good order", refused);
        }
    }

    /** Why this worker gets no requests now, in one sentence; null while it is a member that polls. */
    public @Nullable String problem() {
        String why = trouble;
        if (why != null) {
            return why;
        }
        return partitions.isMember() ? null : "not a member of the group: no partitions assigned yet, or taken away";
    }

    private boolean rest() {
        boolean full = intake.isFull() || admission.waitsForTheLast();
        boolean rests = full;
        for (TopicPartition partition : consumer.assignment()) {
            boolean waits = partitions.isFresh(partition) || isAhead(partition);
            rests |= waits;
            PartitionOwnership.ifAssigned(partition, full || waits ? consumer::pause : consumer::resume);
        }
        return rests;
    }

    private boolean isAhead(TopicPartition partition) {
        PartitionLedger ledger = partitions.ledger(partition);
        return ledger != null && !ledger.hasRoom(intake.recordsPerPoll());
    }
}
