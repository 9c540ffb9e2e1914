package io.github.finetide.inference.model;

import java.util.concurrent.atomic.AtomicBoolean;

/** Keeps a model in memory until it is closed. Closing twice does nothing. */
public final class Lease implements AutoCloseable {
    private final LoadedModel model;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    public Lease(LoadedModel model, Runnable onClose) {
        this.model = model;
        this.onClose = onClose;
    }

    public LoadedModel model() {
        return model;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            onClose.run();
        }
    }
}
