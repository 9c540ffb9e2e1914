package io.github.finetide.inference.pipeline;

import io.github.finetide.inference.pipeline.SourceScheduler.Reply;
import io.github.finetide.inference.pipeline.SourceScheduler.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** What is known of a source, and what waits for it; guarded by its {@link SourceScheduler}. */
final class SourceState {
    /** A source at the other end of the world takes less; one that fails faster holds no thread for long. */
    static final Duration SLOW = Duration.ofSeconds(1);

    /** How soon a source answers, from the one that may hold most threads to the one that may hold fewest. */
    enum Pace {
        /** Only these are trusted with the last quarter of the threads. */
        QUICK(4),
        /** It has not answered yet: many new hosts may be slow, but one of them may be quick. */
        UNKNOWN(3),
        /** However many there are, half of the threads is left to others. */
        SLOW(2);

        private final int quarters;

        Pace(int quarters) {
            this.quarters = quarters;
        }

        /** Returns how many of all threads sources of this pace and of slower ones may hold together. */
        int share(int threads) {
            return Math.max(1, threads * quarters / 4);
        }
    }

    /** @param since when it began to wait */
    record Queued(SourceState source, Task task, Instant since) {}

    private final Queue<Queued> waiting = new ArrayDeque<>();
    private final Queue<Instant> unanswered = new ArrayDeque<>();
    private int running;
    private Pace lastAnswer = Pace.UNKNOWN;
    private @Nullable Instant awaySince;

    void add(Task task, Instant now) {
        waiting.add(new Queued(this, task, now));
    }

    Queued begin() {
        running++;
        return waiting.remove();
    }

    /** Returns for how long the task has waited while the source was away. */
    Duration asked(Queued queued, Instant now) {
        unanswered.add(now);
        if (awaySince == null) {
            return Duration.ZERO;
        }
        return Duration.between(awaySince.isAfter(queued.since) ? awaySince : queued.since, now);
    }

    void replied(Reply reply, Instant asked, Instant now) {
        unanswered.remove(asked);
        if (reply == Reply.NOT_ASKED) {
            return;
        }
        lastAnswer = isSlow(asked, now) ? Pace.SLOW : Pace.QUICK;
        if (reply == Reply.ANSWERED || lastAnswer == Pace.QUICK) {
            awaySince = null;
        } else if (awaySince == null) {
            awaySince = now;
        }
    }

    void ended() {
        running--;
    }

    /**
     * One that is away or has never answered holds a single thread. Any other begins no more once it holds as many as are
     * free: alone it gets half of them, and several leave each time as many as each of them has.
     */
    boolean mayBegin(int free) {
        boolean single = awaySince != null || lastAnswer == Pace.UNKNOWN;
        return !waiting.isEmpty() && running < (single ? Math.min(1, free) : free);
    }

    Pace pace(Instant now) {
        Instant oldest = unanswered.peek();
        return awaySince != null || (oldest != null && isSlow(oldest, now)) ? Pace.SLOW : lastAnswer;
    }

    int running() {
        return running;
    }

    int waiting() {
        return waiting.size();
    }

    /** Since when the first in line waits. */
    Instant waitingSince() {
        return waiting.element().since;
    }

    boolean isIdle() {
        return running == 0 && waiting.isEmpty();
    }

    private static boolean isSlow(Instant asked, Instant now) {
        return Duration.between(asked, now).compareTo(SLOW) > 0;
    }
}
