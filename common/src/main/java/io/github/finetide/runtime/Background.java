package io.github.finetide.runtime;

import java.time.Duration;
import java.util.concurrent.Executor;

/** Runs tasks away from the caller, now or later. */
public interface Background extends Executor {
    void later(Duration pause, Runnable task);

    /** Something failed that nobody answers for, and may be waited for for ever: only a restart helps. */
    void failed(Throwable why);
}
