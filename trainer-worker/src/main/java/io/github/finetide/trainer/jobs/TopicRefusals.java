package io.github.finetide.trainer.jobs;

import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.RetryPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers each record of a topic that nobody understands, once. Every trainer reads every record, so whoever answers
 * holds a transactional id of its own and looks first which dead letters are there. Used by one thread.
 */
final class TopicRefusals {
    /** Dead letters are kept for a week: what is older than this was answered, and its letter may be gone. */
    private static final Duration MAX_AGE = Duration.ofDays(1);

    /** Reading the letters that are there takes a second or so; who holds the id must get that far. */
    private static final RetryPolicy PAUSES = new RetryPolicy(
            Integer.MAX_VALUE, Duration.ofSeconds(1), Duration.ofMinutes(1), Retrying.BROKER_AWAY_LIMIT);

    private static final Logger log = LoggerFactory.getLogger(TopicRefusals.class);

    private final Supplier<String> topicIds;
    private final Supplier<JobOwnership> claims;
    private final Supplier<Letters> letters;
    private final Answers answers;
    private final InstantSource clock;
    private final Deque<Refused> pending = new ArrayDeque<>();
    private final Random random = new Random();
    private Instant nextTry = Instant.MIN;
    private int failures;

    private record Refused(String topicId, ConsumerRecord<byte[], byte[]> cause, FaultException why) {
        /** Letters of earlier versions say an offset only. */
        boolean isAmong(Set<StatusView.Place> places) {
            return places.contains(new StatusView.Place(topicId, cause.offset()))
                    || places.contains(new StatusView.Place("", cause.offset()));
        }
    }

    /** The dead letters of the topic. */
    interface Letters extends AutoCloseable {
        /** Reads on to the end: the places of all records that have a letter. */
        Set<StatusView.Place> places();

        @Override
        default void close() {}
    }

    /** What a refused record is answered with. */
    interface Answers {
        /** A dead letter, and whatever else; published in one transaction. */
        List<ProducerRecord<byte[], byte[]>> to(
                String topicId, ConsumerRecord<byte[], byte[]> cause, FaultException why);

        /** The answer was published by this worker. */
        void published(ConsumerRecord<byte[], byte[]> cause, FaultException why);
    }

    /**
     * Nothing is refused yet.
     *
     * @param topicIds asks Kafka for the topic's id, which is another one where it was made anew
     * @param claims an ownership of the refusals that is not taken yet
     * @param letters not read yet
     */
    TopicRefusals(
            Supplier<String> topicIds,
            Supplier<JobOwnership> claims,
            Supplier<Letters> letters,
            Answers answers,
            InstantSource clock) {
        this.topicIds = topicIds;
        this.claims = claims;
        this.letters = letters;
        this.answers = answers;
        this.clock = clock;
    }

    /**
     * Takes note; {@link #answer} writes.
     *
     * @param topicId of the topic that the record was read from
     */
    void add(String topicId, ConsumerRecord<byte[], byte[]> cause, FaultException why) {
        if (Instant.ofEpochMilli(cause.timestamp()).isAfter(clock.instant().minus(MAX_AGE))) {
            pending.add(new Refused(topicId, cause, why));
        }
    }

    /**
     * Answers one record, however old it is, unless that was done before.
     *
     * @param topicId of the topic that the record was taken from
     * @throws KafkaException where Kafka stays away, or others stay in the way
     */
    void answerNow(String topicId, ConsumerRecord<byte[], byte[]> cause, FaultException why) {
        pending.add(new Refused(topicId, cause, why));
        try {
            write();
        } catch (FencedException e) {
            throw new KafkaException("another trainer writes dead letters", e);
        } finally {
            pending.clear();
        }
    }

    /**
     * Writes the answers that are missing; what could not be written is tried again some time later. Whoever is fenced
     * off waits for a time of its own: trainers that all tried at once would fence each other off for ever.
     */
    void answer() {
        if (pending.isEmpty() || clock.instant().isBefore(nextTry)) {
            return;
        }
        try {
            write();
            failures = 0;
        } catch (FencedException e) {
            log.debug("Another trainer writes dead letters; looking again");
            failed();
        } catch (FaultException | KafkaException e) {
            log.atWarn().addKeyValue("reason", e.toString()).log("Dead letters cannot be written now");
            failed();
        }
    }

    private void failed() {
        Duration pause = PAUSES.pauseAfter(++failures);
        nextTry = clock.instant().plusMillis(pause.toMillis() / 2 + random.nextLong(pause.toMillis()));
    }

    /**
     * Looks first: where others have answered all, nobody needs to be fenced off. Whoever holds the id reads only the letters
     * that have come since, so that however many there are it has written its own before the next trainer takes the id.
     */
    private void write() {
        forgetFormerTopic(topicIds.get());
        if (pending.isEmpty()) {
            return;
        }
        try (Letters written = letters.get()) {
            forget(written.places());
            if (!pending.isEmpty()) {
                writeUnless(written);
            }
        }
    }

    private void writeUnless(Letters written) {
        try (JobOwnership ownership = claims.get()) {
            ownership.take();
            forget(written.places());
            publish(ownership);
        }
    }

    /** What was read of a topic made anew before that was noticed is read again. */
    private void forgetFormerTopic(String topicId) {
        pending.removeIf(refused -> !refused.topicId().equals(topicId));
    }

    private void forget(Set<StatusView.Place> before) {
        pending.removeIf(refused -> refused.isAmong(before));
    }

    private void publish(JobOwnership ownership) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        pending.forEach(refused -> records.addAll(answers.to(refused.topicId(), refused.cause(), refused.why())));
        if (!records.isEmpty()) {
            ownership.publish(records);
            pending.forEach(this::published);
            pending.clear();
        }
    }

    private void published(Refused refused) {
        ConsumerRecord<byte[], byte[]> cause = refused.cause();
        log.atWarn()
                .addKeyValue("topic", cause.topic())
                .addKeyValue("offset", cause.offset())
                .addKeyValue("reason", refused.why().getMessage())
                .log("Record refused");
        answers.published(cause, refused.why());
    }
}
