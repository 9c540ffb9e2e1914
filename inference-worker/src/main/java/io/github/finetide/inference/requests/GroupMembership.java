package io.github.finetide.inference.requests;

import io.github.finetide.kafka.KafkaFaults;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's place in the group of its requests, one {@link RequestLoop} after the other: where the broker refuses
 * rights or credentials, Kafka's consumer is dead for good, and a new one asks again until they are back. Where the topic
 * was made anew, a new one knows nothing of the former topic.
 */
public final class GroupMembership {
    /** Between two members: rights and passwords are changed by people. */
    static final Duration PAUSE = Duration.ofSeconds(2);

    private static final Logger log = LoggerFactory.getLogger(GroupMembership.class);

    private final Supplier<RequestLoop> members;
    private final Duration pause;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable RequestLoop member;
    private volatile @Nullable String refusal;

    /** @param members makes a new one, which has not joined yet */
    public GroupMembership(Supplier<RequestLoop> members) {
        this(members, PAUSE);
    }

    GroupMembership(Supplier<RequestLoop> members, Duration pause) {
        this.members = members;
        this.pause = pause;
    }

    /**
     * Runs until {@link #stop()}; the worker stays in its group until {@link #leave()}.
     *
     * @throws KafkaException what neither time nor rights mend
     */
    public void run() throws InterruptedException {
        while (runAsNewMember() && (refusal == null || !stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS))) {
            log.debug("a new member asks");
        }
    }

    /** Returns whether another shall follow it. */
    private boolean runAsNewMember() {
        RequestLoop current = members.get();
        member = current;
        try {
            runUnlessStopped(current);
            return false;
        } catch (TopicReplacedException why) { // what its consumer holds may be the former topic's
            log.atWarn().addKeyValue("reason", why.getMessage()).log("Requests are read as a new member");
            refusal = null;
        } catch (KafkaException why) {
            if (!isRefused(why)) {
                throw why;
            }
            refused(why);
        }
        current.abandon();
        return true;
    }

    private void runUnlessStopped(RequestLoop current) {
        if (stopped.getCount() > 0) {
            current.run();
        }
        refusal = null;
    }

    private static boolean isRefused(@Nullable Throwable why) {
        return why instanceof AuthenticationException
                || why instanceof AuthorizationException
                || (why instanceof KafkaException && isRefused(why.getCause()));
    }

    private void refused(KafkaException why) {
        String reason = KafkaFaults.text(why);
        if (!reason.equals(refusal)) {
            log.atError().addKeyValue("reason", reason).log("Requests are refused to this worker, which asks again");
        }
        refusal = reason;
    }

    /** Why this worker gets no requests now, in one sentence; null while it is a member that polls. */
    public @Nullable String problem() {
        RequestLoop current = member;
        String why = current == null ? "has not joined the group yet" : current.problem();
        String refused = refusal;
        return why != null && refused != null ? refused : why;
    }

    /** Why only a restart helps, in one sentence; null while the loop comes round. */
    public @Nullable String stuck() {
        RequestLoop current = member;
        return current == null || refusal != null ? null : current.stuck();
    }

    /** From any thread: ends {@link #run()} soon. */
    public void stop() {
        stopped.countDown();
        RequestLoop current = member;
        if (current != null) {
            current.stop();
        }
    }

    /** Gives partitions back, with what has been answered committed, and leaves the group. */
    public void leave() {
        RequestLoop current = member;
        if (current != null && refusal == null) {
            current.leave();
        }
    }
}
