package io.github.finetide.inference;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Named threads of a fixed number. After the end, tasks are dropped. */
final class Threads implements Background {
    private final ScheduledThreadPoolExecutor executor;

    Threads(String name, int count) {
        executor = new ScheduledThreadPoolExecutor(
                count, task -> daemon(name, task), new ThreadPoolExecutor.DiscardPolicy());
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(task);
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // tasks answer for themselves
    public void later(Duration pause, Runnable task) {
        executor.schedule(task, pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Finishes what runs and drops what waits for its time. */
    void end(Duration limit) throws InterruptedException {
        executor.shutdown();
        if (!executor.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            executor.shutdownNow();
        }
    }
}
