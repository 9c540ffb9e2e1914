package io.github.finetide.store;

/**
 * A checkpoint that is written and not yet seen by anybody. Between preparing and publishing its owner makes sure that
 * it still owns the job. Closing without publishing leaves nothing behind.
 */
public final class PreparedCheckpoint implements AutoCloseable {
    private final Checkpoints checkpoints;
    private final Staging staging;
    private final String folder;
    private final Saved saved;

    PreparedCheckpoint(Checkpoints checkpoints, Staging staging, String folder, Saved saved) {
        this.checkpoints = checkpoints;
        this.staging = staging;
        this.folder = folder;
        this.saved = saved;
    }

    /** What it will be once it is published. */
    public Saved saved() {
        return saved;
    }

    /** Makes it appear, whole, in place of another of the same epoch; the very same one is left as it is. */
    public void publish() {
        if (!checkpoints.isPublished(folder, saved)) {
            staging.publish(folder);
        }
    }

    @Override
    public void close() {
        staging.close();
    }
}
