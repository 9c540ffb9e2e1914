package io.github.finetide.inference.pipeline;

import io.github.finetide.inference.pipeline.SourceState.Pace;
import io.github.finetide.inference.pipeline.SourceState.Queued;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Divides the threads among the sources (host, store, disk): however many are slow, the others go on. What has waited
 * longest begins first, if its source may hold one more thread.
 */
final class SourceScheduler {
    /** Sources remembered; beyond that those are forgotten that nothing asks for now. */
    private static final int MOST_SOURCES = 1_000;

    /** What asking a source came to. */
    enum Reply {
        ANSWERED,
        /** For now; if it took long, the source is away. */
        FAILED,
        NOT_ASKED
    }

    /** What is done with a source's answer. */
    interface Task {
        /**
         * Asks the source.
         *
         * @param inVain how long it has waited for a source that is away; zero for one that answers
         */
        Reply ask(Duration inVain);

        /** Does the rest, which shows nothing of the source; called last, whatever became of the question. */
        default void finish() {}
    }

    private final Executor executor;
    private final int threads;
    private final InstantSource clock;
    private final Map<String, SourceState> sources = new LinkedHashMap<>();

    /** @param threads tasks that may run at once */
    SourceScheduler(Executor executor, int threads, InstantSource clock) {
        this.executor = executor;
        this.threads = threads;
        this.clock = clock;
    }

    void execute(String name, Task task) {
        List<Queued> due;
        synchronized (this) {
            sources.computeIfAbsent(name, key -> new SourceState()).add(task, clock.instant());
            due = due();
            if (sources.size() > MOST_SOURCES) {
                sources.values().removeIf(SourceState::isIdle);
            }
        }
        start(due);
    }

    /** Returns how many tasks wait for sources that are slow or away. */
    synchronized int waitingForSlowOnes() {
        Instant now = clock.instant();
        return sources.values().stream()
                .filter(source -> source.pace(now) == Pace.SLOW)
                .mapToInt(SourceState::waiting)
                .sum();
    }

    private void start(List<Queued> due) {
        due.forEach(queued -> executor.execute(() -> run(queued)));
    }

    private void run(Queued queued) {
        try {
            ask(queued);
        } finally {
            finish(queued);
        }
    }

    private void finish(Queued queued) {
        try {
            queued.task().finish();
        } finally {
            start(ended(queued.source()));
        }
    }

    private void ask(Queued queued) {
        Instant begun = clock.instant();
        Reply reply = Reply.NOT_ASKED;
        try {
            reply = queued.task().ask(begun(queued, begun));
        } finally {
            start(replied(queued.source(), reply, begun));
        }
    }

    private synchronized Duration begun(Queued queued, Instant now) {
        return queued.source().asked(queued, now);
    }

    private synchronized List<Queued> replied(SourceState source, Reply reply, Instant asked) {
        source.replied(reply, asked, clock.instant());
        return due();
    }

    private synchronized List<Queued> ended(SourceState source) {
        source.ended();
        return due();
    }

    /** Takes what may begin now. */
    private List<Queued> due() {
        Instant now = clock.instant();
        List<Queued> due = new ArrayList<>();
        for (Optional<SourceState> next = next(now); next.isPresent(); next = next(now)) {
            due.add(next.get().begin());
        }
        return due;
    }

    private Optional<SourceState> next(Instant now) {
        int free = threads - held(Pace.QUICK, now);
        Set<Pace> withRoom = EnumSet.allOf(Pace.class);
        withRoom.removeIf(pace -> held(pace, now) >= pace.share(threads));
        return sources.values().stream()
                .filter(source -> source.mayBegin(free) && withRoom.contains(source.pace(now)))
                .min(Comparator.comparing(SourceState::waitingSince));
    }

    /** By sources of this pace and of slower ones. */
    private int held(Pace pace, Instant now) {
        return sources.values().stream()
                .filter(source -> source.pace(now).compareTo(pace) >= 0)
                .mapToInt(SourceState::running)
                .sum();
    }
}
