package io.github.finetide.inference;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Lets each source (host, store, disk) use only part of the threads: a slow one cannot stop the others. A source that
 * is away gets a single thread until it answers again.
 */
final class Bulkheads {
    /** Sources remembered; beyond that those are forgotten that nothing asks for now. */
    private static final int MOST_SOURCES = 1_000;

    /** What asking a source came to. */
    enum Reply {
        ANSWERED,
        AWAY,
        NOT_ASKED
    }

    /** Work on what a source has. */
    @FunctionalInterface
    interface Task {
        /**
         * Asks the source.
         *
         * @param inVain how long it has waited for a source that is away; zero for one that answers
         */
        Reply run(Duration inVain);
    }

    private final Executor executor;
    private final int limit;
    private final Clock clock;
    private final Map<String, Source> sources = new HashMap<>();

    /** @param limit tasks that may run at once for one source */
    Bulkheads(Executor executor, int limit, Clock clock) {
        this.executor = executor;
        this.limit = limit;
        this.clock = clock;
    }

    void execute(String name, Task task) {
        List<Queued> due;
        synchronized (this) {
            Source source = sources.computeIfAbsent(name, key -> new Source());
            source.waiting.add(new Queued(task, clock.instant()));
            due = source.due(limit);
            if (sources.size() > MOST_SOURCES) {
                sources.values().removeIf(Source::isIdle);
            }
        }
        start(name, due);
    }

    /** Returns how many tasks wait for sources that are away. */
    synchronized int waitingInVain() {
        return sources.values().stream()
                .filter(source -> source.awaySince != null)
                .mapToInt(source -> source.waiting.size())
                .sum();
    }

    private void start(String name, List<Queued> due) {
        due.forEach(queued -> executor.execute(() -> run(name, queued)));
    }

    private void run(String name, Queued queued) {
        Reply reply = Reply.NOT_ASKED;
        try {
            reply = queued.task.run(inVain(name, queued));
        } finally {
            start(name, ended(name, reply));
        }
    }

    private synchronized Duration inVain(String name, Queued queued) {
        Source source = sources.get(name);
        Instant away = source == null ? null : source.awaySince;
        if (away == null) {
            return Duration.ZERO;
        }
        return Duration.between(away.isAfter(queued.since) ? away : queued.since, clock.instant());
    }

    private synchronized List<Queued> ended(String name, Reply reply) {
        Source source = sources.computeIfAbsent(name, key -> new Source());
        source.running--;
        if (reply == Reply.ANSWERED) {
            source.awaySince = null;
        } else if (reply == Reply.AWAY && source.awaySince == null) {
            source.awaySince = clock.instant();
        }
        if (source.isIdle() && source.awaySince == null) {
            sources.remove(name);
        }
        return source.due(limit);
    }

    private record Queued(Task task, Instant since) {}

    private static final class Source {
        private int running;
        private final Queue<Queued> waiting = new ArrayDeque<>();
        private @Nullable Instant awaySince;

        boolean isIdle() {
            return running == 0 && waiting.isEmpty();
        }

        /** Takes what may begin now. */
        List<Queued> due(int limit) {
            List<Queued> due = new ArrayList<>();
            while (running < (awaySince == null ? limit : 1) && !waiting.isEmpty()) {
                due.add(waiting.remove());
                running++;
            }
            return due;
        }
    }
}
