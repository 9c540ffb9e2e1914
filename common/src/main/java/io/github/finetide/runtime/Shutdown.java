package io.github.finetide.runtime;

import io.github.finetide.options.ExitCode;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops a worker cleanly on SIGTERM or Ctrl-C: asks it to stop, waits for it within a grace period, and ends the
 * process with the worker's own exit code rather than the signal's.
 *
 * <pre>
 * try (Shutdown shutdown = Shutdown.install(grace, worker::stop)) {
 *     return shutdown.finished(worker.run());
 * }
 * </pre>
 *
 * <p>See RATIONALE.md, Why is SIGTERM answered with halt?
 */
public final class Shutdown implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Shutdown.class);

    /** Whether somebody else decides how the process ends: a worker, or its own exit. */
    private static final AtomicBoolean decided = new AtomicBoolean();

    private final Duration grace;
    private final Runnable stop;
    private final Thread hook = new Thread(this::stopWorker, "shutdown");
    private final AtomicBoolean requested = new AtomicBoolean();
    private final AtomicInteger exitCode = new AtomicInteger(ExitCode.FAILURE);
    private final CountDownLatch finished = new CountDownLatch(1);

    private Shutdown(Duration grace, Runnable stop) {
        this.grace = grace;
        this.stop = stop;
    }

    /**
     * First of all in {@code main}: a process asked to stop while it still starts has nothing in hand, and ends well. Such
     * a process ends by {@link #exit}.
     */
    public static void listen() {
        Runtime.getRuntime().addShutdownHook(new Thread(Shutdown::endEarly, "early-shutdown"));
    }

    private static void endEarly() {
        if (!decided.get()) {
            Runtime.getRuntime().halt(ExitCode.OK);
        }
    }

    /** Ends the process with this code. */
    @SuppressWarnings("SystemExitOutsideMain") // called by nobody else
    public static void exit(int code) {
        decided.set(true);
        System.exit(code);
    }

    /**
     * Waits for signals from now on.
     *
     * @param grace how long the worker may take to stop; then the process ends with {@link ExitCode#FAILURE}
     * @param stop asks the worker to stop and returns at once
     */
    public static Shutdown install(Duration grace, Runnable stop) {
        Shutdown shutdown = new Shutdown(grace, stop);
        try {
            Runtime.getRuntime().addShutdownHook(shutdown.hook);
            decided.set(true);
        } catch (IllegalStateException askedBefore) {
            log.info("Stop requested before the work began");
        }
        return shutdown;
    }

    /** Whether the process was asked to stop. */
    public boolean requested() {
        return requested.get();
    }

    /** The worker is done, and everything it owns is closed; returns the code given. */
    public int finished(int code) {
        exitCode.set(code);
        finished.countDown();
        return code;
    }

    /** Ends the care for signals, where none came. */
    @Override
    public void close() {
        finished.countDown();
        if (!requested.get()) {
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException cameJustNow) {
                return;
            }
        }
    }

    private void stopWorker() {
        requested.set(true);
        if (finished.getCount() == 0) {
            return; // the process is ending by itself
        }
        log.atInfo().addKeyValue("grace", grace).log("Stopping");
        stop.run();
        Runtime.getRuntime().halt(awaitWorker());
    }

    private int awaitWorker() {
        try {
            if (finished.await(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                return exitCode.get();
            }
            log.atError().addKeyValue("grace", grace).log("Not stopped in time");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return ExitCode.FAILURE;
    }
}
