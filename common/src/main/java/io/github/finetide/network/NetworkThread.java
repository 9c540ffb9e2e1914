package io.github.finetide.network;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The one long-lived thread a network runs on: libtorch keeps per-thread buffers and settings. */
public final class NetworkThread implements AutoCloseable {
    private final ExecutorService executor;

    /** Makes the thread; the name is for thread dumps. */
    public NetworkThread(String name) {
        executor = Executors.newSingleThreadExecutor(work -> new Thread(work, name));
    }

    /** Runs the work on the thread and waits for its result; what it throws is thrown here. */
    public <T> T call(Callable<T> work) throws InterruptedException {
        try {
            return executor.submit(work).get();
        } catch (ExecutionException failed) {
            throw rethrown(failed.getCause());
        }
    }

    private static RuntimeException rethrown(@Nullable Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(cause);
    }

    /** Ends the thread after the work already given to it, without waiting. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
