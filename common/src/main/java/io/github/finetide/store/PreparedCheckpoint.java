package io.github.finetide.store;

/**
 * A checkpoint that is written and not yet seen by anybody. Between preparing and publishing its owner makes sure that
 * it still owns the job. Closing without publishing leaves nothing behind.
 */
public final class PreparedCheckpoint implements AutoCloseable {
    private final Staging staging;
    private final Saved saved;
    private final Runnable publication;

    PreparedCheckpoint(Staging staging, Saved saved, Runnable publication) {
        this.staging = staging;
        this.saved = saved;
        this.publication = publication;
    }

    /** What it will be once it is published. */
    public Saved saved() {
        return saved;
    }

    /** Makes it appear, whole, in place of another of the same epoch; the very same one is left as it is. */
    public void publish() {
        publication.run();
    }

    @Override
    public void close() {
        staging.close();
    }
}
