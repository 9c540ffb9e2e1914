package io.github.finetide.runtime;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Named threads, at most so many; idle ones end. After the end, tasks are dropped.
 *
 * <p>A thread that has run the network keeps OpenMP's threads for as long as it lives, and where there are more of those
 * than processors they all go to sleep between two operators, those of the network's own thread too: a single image took
 * 73 ms after a pause instead of 48 (ResNet152 in int8, two cores) while the thread that had loaded the model lived on.
 */
public final class Threads implements Background {
    private static final Logger log = LoggerFactory.getLogger(Threads.class);

    private final String name;
    private final ScheduledThreadPoolExecutor executor;
    private volatile @Nullable Throwable failure;

    /** How long a thread waits for its next task. */
    private static final Duration IDLE_LIMIT = Duration.ofSeconds(1);

    public Threads(String name, int count) {
        this.name = name;
        executor = new ScheduledThreadPoolExecutor(
                count, task -> daemon(name, task), new ThreadPoolExecutor.DiscardPolicy());
        executor.setKeepAliveTime(IDLE_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        executor.allowCoreThreadTimeOut(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    public static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(watched(task));
    }

    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // tasks answer for themselves
    public void later(Duration pause, Runnable task) {
        executor.schedule(watched(task), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The executor keeps to itself what a task throws. */
    private Runnable watched(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error why) {
                failed(why);
            }
        };
    }

    @Override
    public void failed(Throwable why) {
        failure = why;
        log.atError().setCause(why).addKeyValue("threads", name).log("A task failed that nobody answers for");
    }

    /** Why only a restart helps, in one sentence; null while every task has answered for itself. */
    public @Nullable String problem() {
        Throwable why = failure;
        return why == null ? null : "a task of the threads \"%s\" failed: %s".formatted(name, why);
    }

    /** Finishes what runs and drops what waits for its time. */
    public void end(Duration limit) throws InterruptedException {
        executor.shutdown();
        if (!executor.awaitTermination(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            executor.shutdownNow();
        }
    }
}
