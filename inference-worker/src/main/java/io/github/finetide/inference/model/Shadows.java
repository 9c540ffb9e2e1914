package io.github.finetide.inference.model;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.runtime.Background;
import io.github.finetide.runtime.RetryPolicy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Versions that are computed beside those that answer, at most one a model. They are loaded, warmed up and checked like any
 * other, and have what memory the others leave. One that cannot be loaded or computed ends here, on this worker.
 *
 * <p>See RATIONALE.md, Why does a shadow end at its first fault?
 */
public final class Shadows {
    /** Of a load that fails for a reason that may pass. */
    static final int MOST_LOADS = 5;

    private final ModelMemory memory;
    private final Background background;
    private final RetryPolicy retries;
    private final CatalogListener listener;
    private final Map<String, ModelVersion> byModel = new HashMap<>();

    Shadows(ModelMemory memory, Background background, RetryPolicy retries, CatalogListener listener) {
        this.memory = memory;
        this.background = background;
        this.retries = retries;
        this.listener = listener;
    }

    /**
     * From now on this version is its model's shadow.
     *
     * @param isKnown whether the catalogue has the version too: then its series are not the shadow's to end
     */
    void released(ModelRelease release, boolean isKnown) {
        ModelVersion shadow = new ModelVersion(release);
        shadow.guest = true;
        shadow.forgotten = isKnown;
        synchronized (this) {
            ModelVersion former = byModel.get(release.model());
            if (former != null && former.isOf(release)) {
                return;
            }
            end(former);
            byModel.put(release.model(), shadow);
        }
        bringUp(shadow, 1);
    }

    /** The model has no shadow any more. */
    public synchronized void ended(String model) {
        end(byModel.remove(model));
    }

    private void end(@Nullable ModelVersion shadow) {
        if (shadow != null) {
            memory.retire(List.of(shadow));
        }
    }

    /** Takes the shadow that a release makes an ordinary version of its model; empty where it is none. */
    synchronized Optional<ModelVersion> taken(ModelRelease release) {
        ModelVersion shadow = byModel.get(release.model());
        if (shadow == null || shadow.forgotten || !shadow.isOf(release)) {
            return Optional.empty();
        }
        byModel.remove(release.model());
        shadow.guest = false;
        return Optional.of(shadow);
    }

    /** Leases the shadow of a model; empty where there is none, it is not in memory, or it is what answers. */
    public synchronized Optional<Lease> of(ModelInfo answering) {
        ModelVersion shadow = byModel.get(answering.model());
        return shadow == null || shadow.release.version().equals(answering.version())
                ? Optional.empty()
                : memory.leaseLoaded(shadow);
    }

    /** The shadow could not be computed, and ends. */
    public void failed(ModelInfo shadow, FaultException why) {
        ModelVersion ended;
        synchronized (this) {
            ended = byModel.get(shadow.model());
            if (ended == null || !ended.release.version().equals(shadow.version())) {
                return;
            }
            ended(shadow.model());
        }
        listener.refused(ended.release, why);
    }

    synchronized void close() {
        byModel.values().forEach(this::end);
        byModel.clear();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // both outcomes are dealt with here
    private void bringUp(ModelVersion shadow, int attempt) {
        memory.load(shadow).whenComplete((loaded, thrown) -> {
            if (thrown != null) {
                failed(shadow, FaultException.of(thrown), attempt);
            } else if (!memory.holds(shadow)) {
                refuse(shadow, noRoom());
            }
        });
    }

    private static FaultException noRoom() {
        return new FaultException(
                ErrorKind.UNAVAILABLE, "--model-memory has no room for a shadow beside the models that answer");
    }

    private void failed(ModelVersion shadow, FaultException why, int attempt) {
        boolean again =
                !ModelMemory.isOfContent(why) && !(why.getCause() instanceof OutOfMemoryError) && attempt < MOST_LOADS;
        if (!again) {
            refuse(shadow, why);
        } else if (holds(shadow)) {
            background.later(retries.pauseAfter(attempt), () -> retry(shadow, attempt + 1));
            listener.postponed(shadow.release, why);
        }
    }

    private void retry(ModelVersion shadow, int attempt) {
        if (holds(shadow)) {
            bringUp(shadow, attempt);
        }
    }

    private synchronized boolean holds(ModelVersion shadow) {
        return byModel.get(shadow.release.model()) == shadow;
    }

    private void refuse(ModelVersion shadow, FaultException why) {
        synchronized (this) {
            if (!holds(shadow)) {
                return;
            }
            ended(shadow.release.model());
        }
        listener.refused(shadow.release, why);
    }
}
