package io.github.finetide.inference.model;

import io.github.finetide.message.ModelRelease;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A version that the catalogue knows, in memory or not. Guarded by the catalogue's lock. */
final class ModelVersion {
    final ModelRelease release;

    @Nullable LoadedModel loaded;

    @Nullable CompletableFuture<LoadedModel> loading;

    /** It failed its check and would again. */
    boolean refused;

    /** A shadow: it has the memory that the others leave. */
    boolean guest;

    int leases;
    long lastUse;
    /** Forgotten by the catalogue: freed when the last lease ends. */
    boolean retired;
    /** The listener knows that it is retired. */
    boolean forgotten;

    ModelVersion(ModelRelease release) {
        this.release = release;
    }

    /** Whether a release says the same as this one's: then nothing needs to be loaded again. */
    boolean isOf(ModelRelease other) {
        return release.version().equals(other.version())
                && release.uri().equals(other.uri())
                && release.digest().equals(other.digest());
    }

    boolean isIdle() {
        return leases == 0;
    }
}
