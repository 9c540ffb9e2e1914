package io.github.finetide.inference.requests;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the topics that had this name the requests come from. One that was deleted and made anew counts its records
 * from 0 again, and the group's offsets of the former one say nothing about it.
 *
 * <p>See RATIONALE.md, What if a topic is deleted and made anew?
 */
public final class RequestsTopic {
    /** Between two looks: so soon work goes on with the new topic. */
    public static final Duration PERIOD = Duration.ofSeconds(1);

    /** A little more than the client's own limit. */
    private static final Duration ANSWER_LIMIT = AdminGroupOffsets.ANSWER_LIMIT.plusSeconds(2);

    private static final Logger log = LoggerFactory.getLogger(RequestsTopic.class);

    private final String name;
    private final Supplier<? extends CompletionStage<String>> ids;
    private final Runnable replaced;
    private volatile String id = "";

    /**
     * @param ids asks Kafka for the topic's id, without waiting
     * @param replaced run when it is another than before, by any thread
     */
    public RequestsTopic(String name, Supplier<? extends CompletionStage<String>> ids, Runnable replaced) {
        this.name = name;
        this.ids = ids;
        this.replaced = replaced;
    }

    String name() {
        return name;
    }

    /** As of the last answer; empty before the first. */
    String id() {
        return id;
    }

    /** Asks now. Everything that was polled before comes from the topic that the answer names. */
    CompletableFuture<String> ask() {
        return ids.get().thenApply(this::answered).toCompletableFuture();
    }

    private String answered(String now) {
        if (!id.isEmpty() && !id.equals(now)) {
            replaced.run();
        }
        id = now;
        return now;
    }

    /** To be done each {@link #PERIOD}: while nothing is committed, nothing else asks. */
    public void look() {
        try {
            requireSame(List.of(), ask());
        } catch (KafkaException unknown) {
            log.debug("the topic of the requests cannot be described", unknown);
        }
    }

    /**
     * Compares with the topic that partitions were taken from.
     *
     * @throws TopicReplacedException where it is another
     */
    void requireSame(Collection<PartitionLedger> ledgers) {
        requireSame(ledgers, id);
    }

    /**
     * Waits for the answer, and compares.
     *
     * @throws TopicReplacedException where the topic is another
     * @throws KafkaException where there is none, or Kafka does not answer
     */
    void requireSame(Collection<PartitionLedger> ledgers, CompletableFuture<String> answer) {
        try {
            requireSame(ledgers, answer.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException why) {
            throw why.getCause() instanceof KafkaException refused ? refused : new KafkaException(why.getCause());
        } catch (java.util.concurrent.TimeoutException why) {
            throw new TimeoutException("Kafka did not describe the topic " + name + " within " + ANSWER_LIMIT, why);
        } catch (InterruptedException why) {
            throw new InterruptException(why);
        }
    }

    private void requireSame(Collection<PartitionLedger> ledgers, String now) {
        boolean another = !now.isEmpty() && ledgers.stream().anyMatch(ledger -> !ledger.isOf(now));
        if (another) {
            throw new TopicReplacedException("the topic " + name + " was deleted and made anew");
        }
    }
}
