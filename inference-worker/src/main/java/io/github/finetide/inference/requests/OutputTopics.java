package io.github.finetide.inference.requests;

import io.github.finetide.kafka.KafkaFaults;
import io.github.finetide.runtime.RetryPolicy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics that results and letters go to. What needs one that cannot be written waits, and holds up nothing else: a
 * record for a missing topic would fail the transaction it is in, after a minute.
 *
 * <p>See RATIONALE.md, What waits for a topic that cannot be written?
 */
public final class OutputTopics {
    /** For somebody to make a topic or to grant a right, or for its leader to be elected. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final RetryPolicy RETRIES =
            new RetryPolicy(Integer.MAX_VALUE, Duration.ofMillis(500), Duration.ofSeconds(10), PATIENCE);

    private static final Logger log = LoggerFactory.getLogger(OutputTopics.class);

    private final Function<String, CompletionStage<?>> check;
    private final LongSupplier nanoTime;
    private final Map<String, Topic> topics = new HashMap<>();

    private static final class Topic {
        private boolean open;
        private boolean checking;
        private int failures;
        private long since;
        private long nextCheck;
        private @Nullable String problem;
    }

    /**
     * @param check asks whether a topic exists and may be seen, without waiting
     * @param nanoTime as {@link System#nanoTime}
     */
    public OutputTopics(Function<String, CompletionStage<?>> check, LongSupplier nanoTime) {
        this.check = check;
        this.nanoTime = nanoTime;
    }

    /** Whether records for this topic may go into a transaction now. Has it checked where that is due. */
    synchronized boolean isOpen(String name) {
        Topic topic = topics.computeIfAbsent(name, unseen -> {
            Topic added = new Topic();
            added.nextCheck = nanoTime.getAsLong();
            return added;
        });
        if (!topic.open && !topic.checking && nanoTime.getAsLong() - topic.nextCheck >= 0) {
            topic.checking = true;
            check.apply(name).whenComplete((exists, why) -> checked(name, why));
        }
        return topic.open;
    }

    private synchronized void checked(String name, @Nullable Throwable why) {
        Topic topic = topics.getOrDefault(name, new Topic());
        topic.checking = false;
        if (why == null) {
            topic.open = true;
        } else {
            failed(name, why);
        }
    }

    /** A transaction could not write to the topic. */
    synchronized void failed(String name, Throwable why) {
        Topic topic = topics.computeIfAbsent(name, unseen -> new Topic());
        long now = nanoTime.getAsLong();
        if (topic.problem == null) {
            topic.since = now;
            log.atError()
                    .addKeyValue("topic", name)
                    .addKeyValue("reason", KafkaFaults.text(why))
                    .log("Topic cannot be written: what is to be published there waits");
        }
        topic.open = false;
        topic.failures++;
        topic.problem = KafkaFaults.text(why);
        topic.nextCheck = now + RETRIES.pauseAfter(topic.failures).toNanos();
    }

    /** A transaction with records for these topics was committed. */
    synchronized void written(Set<String> names) {
        for (String name : names) {
            Topic topic = topics.get(name);
            if (topic != null && topic.problem != null) {
                topic.problem = null;
                topic.failures = 0;
                log.atInfo().addKeyValue("topic", name).log("Topic can be written again");
            }
        }
    }

    /** Whether the last try to write to it failed, and none has succeeded since. */
    synchronized boolean isFailing(String name) {
        Topic topic = topics.get(name);
        return topic != null && topic.problem != null;
    }

    /** Whether it has been tried in vain for so long that nothing waits for it any more. */
    synchronized boolean isGivenUp(String name) {
        Topic topic = topics.get(name);
        return topic != null
                && topic.problem != null
                && RETRIES.isOver(Duration.ofNanos(nanoTime.getAsLong() - topic.since));
    }

    /** What is wrong, in one sentence; null where all can be written. */
    synchronized @Nullable String problem() {
        return topics.entrySet().stream()
                .filter(topic -> topic.getValue().problem != null)
                .map(topic -> "topic " + topic.getKey() + " cannot be written: " + topic.getValue().problem)
                .findFirst()
                .orElse(null);
    }
}
