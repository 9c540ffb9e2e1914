package io.github.finetide.inference;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Lets each source (host, store, disk) use only part of the threads: a slow one cannot stop the others. */
final class Bulkheads {
    private final Executor executor;
    private final int limit;
    private final Map<String, Source> sources = new HashMap<>();

    /** @param limit tasks that may run at once for one source */
    Bulkheads(Executor executor, int limit) {
        this.executor = executor;
        this.limit = limit;
    }

    void execute(String source, Runnable task) {
        synchronized (this) {
            Source state = sources.computeIfAbsent(source, name -> new Source());
            if (state.running == limit) {
                state.waiting.add(task);
                return;
            }
            state.running++;
        }
        executor.execute(() -> run(source, task));
    }

    private void run(String source, Runnable task) {
        try {
            task.run();
        } finally {
            next(source);
        }
    }

    private void next(String source) {
        Runnable next;
        synchronized (this) {
            Source state = sources.computeIfAbsent(source, name -> new Source());
            next = state.waiting.poll();
            if (next == null && --state.running == 0) {
                sources.remove(source);
            }
        }
        if (next != null) {
            executor.execute(() -> run(source, next));
        }
    }

    private static final class Source {
        private int running;
        private final Queue<Runnable> waiting = new ArrayDeque<>();
    }
}
