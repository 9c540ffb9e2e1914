package io.github.finetide.inference;

import java.time.Duration;
import java.util.concurrent.Executor;

/** Runs tasks away from the caller, now or later. */
interface Background extends Executor {
    void later(Duration pause, Runnable task);
}
