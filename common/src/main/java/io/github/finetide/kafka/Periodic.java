package io.github.finetide.kafka;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Does something at a steady pace in a daemon thread of its own, until closed. */
public final class Periodic implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Periodic.class);

    /** What is done each time; what it throws is logged, and the next time comes. */
    @FunctionalInterface
    public interface Action {
        void run() throws InterruptedException;
    }

    private final Duration period;
    private final Action action;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** @param period from the end of one time to the start of the next */
    public Periodic(String name, Duration period, Action action) {
        this.period = period;
        this.action = action;
        this.thread = new Thread(this::repeat, name);
        thread.setDaemon(true);
    }

    /** Begins, with the first time at once. */
    public void start() {
        thread.start();
    }

    /** False before the start, and where an error has ended it. */
    public boolean isAlive() {
        return thread.isAlive();
    }

    public boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void repeat() {
        try {
            do {
                runOnce();
            } while (!closed.await(period.toMillis(), TimeUnit.MILLISECONDS));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void runOnce() throws InterruptedException {
        try {
            action.run();
        } catch (RuntimeException | Error why) {
            if (!isClosed()) {
                log.atError()
                        .setCause(why)
                        .addKeyValue("thread", thread.getName())
                        .log("Failed, and is tried again");
            }
        }
    }

    /** Interrupts what is being done; does not wait for it. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }
}
