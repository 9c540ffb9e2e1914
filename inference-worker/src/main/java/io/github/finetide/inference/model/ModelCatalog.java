package io.github.finetide.inference.model;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import io.github.finetide.runtime.Background;
import io.github.finetide.runtime.RetryPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Which models are served, in which versions. A new release is loaded while the old version goes on
 * and takes its place when it is ready; requests hold a lease on the version they got, so a swap
 * disturbs none of them.
 */
public final class ModelCatalog {
    /** Its requests are answered all the same: that the model is unknown. */
    private static final String NOTHING_RELEASED =
            "no model is released yet; train one, or release a checkpoint with \"finetide release\"";

    private final Map<String, ModelVersions> models = new TreeMap<>();
    private final ModelMemory memory;
    private final ModelLoader loader;
    private final Background background;
    private final RetryPolicy retries;
    private final CatalogListener listener;
    private final Shadows shadows;

    /**
     * @param background runs loads, one after the other
     * @param retries pauses between tries to load a release that is not unfit itself; it is never given up
     */
    public ModelCatalog(
            ModelMemory memory,
            ModelLoader loader,
            Background background,
            RetryPolicy retries,
            CatalogListener listener) {
        this.memory = memory;
        this.loader = loader;
        this.background = background;
        this.retries = retries;
        this.listener = listener;
        this.shadows = new Shadows(memory, background, retries, listener);
    }

    /** The model is to be served in this version. */
    public void released(ModelRelease release) {
        ModelVersion candidate;
        synchronized (this) {
            candidate = models.computeIfAbsent(release.model(), name -> new ModelVersions())
                    .propose(release, () -> shadows.taken(release).orElseGet(() -> new ModelVersion(release)));
        }
        bringUp(candidate, 1);
    }

    /** The model's shadow is this version from now on. */
    public void shadowed(ModelRelease release) {
        boolean isKnown;
        synchronized (this) {
            ModelVersions versions = models.get(release.model());
            isKnown = versions != null && versions.find(release.version()).isPresent();
        }
        shadows.released(release, isKnown);
    }

    public Shadows shadows() {
        return shadows;
    }

    /** An earlier release of the model, which a request may pin; not loaded until one does. */
    public synchronized void remember(ModelRelease release) {
        ModelVersions versions = models.computeIfAbsent(release.model(), name -> new ModelVersions());
        if (versions.find(release.version()).isEmpty()) {
            memory.retire(versions.remember(new ModelVersion(release)));
        }
    }

    /** A version that a request pins, found in the store. */
    private synchronized CompletionStage<Lease> pin(ModelRelease release) {
        ModelVersions versions = named(release.model());
        Optional<ModelVersion> known = versions.find(release.version());
        if (known.isPresent()) {
            return memory.lease(known.get());
        }
        ModelVersion version = new ModelVersion(release);
        memory.retire(versions.pin(version));
        return memory.lease(version);
    }

    public void withdrawn(String model) {
        synchronized (this) {
            ModelVersions versions = models.remove(model);
            if (versions == null) {
                return;
            }
            memory.retire(versions.all());
        }
        listener.withdrawn(model);
    }

    /**
     * Leases the version that a request asks for; it is loaded first if it is not in memory.
     *
     * @param model null: the only one
     * @param version null: the one released last
     * @return fails with a FaultException
     */
    public CompletionStage<Lease> acquire(@Nullable String model, @Nullable String version) {
        try {
            synchronized (this) {
                ModelVersions versions = model == null ? only() : named(model);
                if (version != null) {
                    return versions.find(version)
                            .map(memory::lease)
                            .orElseGet(() -> pinned(
                                    model == null ? models.keySet().iterator().next() : model, version));
                }
                return memory.lease(versions.unpinned().orElseThrow(() -> notServed(versions)));
            }
        } catch (FaultException unknown) {
            return CompletableFuture.failedFuture(unknown);
        }
    }

    /** Returns the models of which no version serves yet although one is on its way. */
    public synchronized List<String> pending() {
        return models.entrySet().stream()
                .filter(entry -> entry.getValue().current == null && entry.getValue().candidate != null)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** Whether every model is known, and none waits for its first version. */
    public boolean isComplete(Set<String> wanted) {
        return pending().isEmpty() && missing(wanted).isEmpty();
    }

    /**
     * Returns why a model that should be served is not, in one sentence; null where all are. A release that its content
     * makes unfit stops no other model: that is said only where it leaves nothing to serve.
     *
     * @param wanted models to serve; empty: all that are released
     */
    public synchronized @Nullable String problem(Set<String> wanted) {
        List<String> problems = new ArrayList<>();
        missing(wanted).forEach(name -> problems.add("model " + name + " is not released"));
        boolean serves = models.values().stream().anyMatch(versions -> versions.current != null);
        models.forEach((name, versions) ->
                problem(name, versions, !serves || wanted.contains(name)).ifPresent(problems::add));
        if (problems.isEmpty() && !serves) {
            return NOTHING_RELEASED;
        }
        return problems.isEmpty() ? null : String.join("; ", problems);
    }

    private static Optional<String> problem(String name, ModelVersions versions, boolean withRefusal) {
        FaultException refusal = versions.refusal;
        FaultException postponement = versions.postponement;
        if (versions.current != null) {
            return Optional.empty();
        } else if (versions.candidate != null) {
            return Optional.of(
                    postponement == null
                            ? "loading model " + name
                            : "model " + name + " cannot be loaded yet: " + postponement.getMessage());
        }
        return refusal != null && withRefusal
                ? Optional.of("model " + name + " is not served, its release was refused: " + refusal.getMessage())
                : Optional.empty();
    }

    private synchronized List<String> missing(Set<String> wanted) {
        return wanted.stream()
                .filter(name -> !models.containsKey(name))
                .sorted()
                .toList();
    }

    /** Returns what serves unpinned requests: model to version. */
    public synchronized Map<String, String> serving() {
        Map<String, String> serving = new TreeMap<>();
        models.forEach((name, versions) -> {
            if (versions.current != null) {
                serving.put(name, versions.current.release.version());
            }
        });
        return serving;
    }

    /** Frees every model; requests that come now find none. */
    public synchronized void close() {
        models.values().forEach(versions -> memory.retire(versions.all()));
        models.clear();
        shadows.close();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // both outcomes are dealt with here
    private void bringUp(ModelVersion candidate, int attempt) {
        memory.load(candidate).whenComplete((loaded, thrown) -> {
            try {
                if (thrown == null) {
                    promote(candidate, loaded.info());
                } else {
                    failed(candidate, FaultException.of(thrown), attempt);
                }
            } catch (RuntimeException | Error why) { // the future would keep it to itself
                background.failed(why);
            }
        });
    }

    private void promote(ModelVersion version, ModelInfo info) {
        synchronized (this) {
            ModelVersions versions = models.get(version.release.model());
            if (versions == null || versions.candidate != version) {
                memory.retireUnknown(version, versions);
                return;
            }
            memory.retire(versions.promote(version));
        }
        listener.swapped(info);
    }

    private void failed(ModelVersion candidate, FaultException why, int attempt) {
        Optional<ModelVersion> former;
        synchronized (this) {
            ModelVersions versions = models.get(candidate.release.model());
            if (versions == null || versions.candidate != candidate) {
                return;
            }
            if (!ModelMemory.isOfContent(why)) {
                versions.postponement = why;
                background.later(retries.pauseAfter(attempt), () -> retry(candidate, attempt + 1));
                listener.postponed(candidate.release, why);
                return;
            }
            candidate.refused = true;
            versions.refusal = why;
            former = versions.fallBack();
        }
        listener.refused(candidate.release, why);
        former.ifPresent(version -> bringUp(version, 1));
    }

    private void retry(ModelVersion candidate, int attempt) {
        synchronized (this) {
            ModelVersions versions = models.get(candidate.release.model());
            if (versions == null || versions.candidate != candidate) {
                return;
            }
        }
        bringUp(candidate, attempt);
    }

    private CompletableFuture<Lease> pinned(String model, String version) {
        CompletableFuture<Lease> lease = new CompletableFuture<>();
        background.execute(() -> {
            try {
                ModelRelease release = loader.find(model, version)
                        .orElseThrow(() -> unknown("model " + model + " has no version " + version));
                pin(release).whenComplete((leased, thrown) -> complete(lease, leased, thrown));
            } catch (Throwable why) { // whatever it is, a request waits for the lease
                lease.completeExceptionally(FaultException.of(why));
            }
        });
        return lease;
    }

    private static void complete(CompletableFuture<Lease> future, @Nullable Lease lease, @Nullable Throwable thrown) {
        if (thrown != null || lease == null) {
            future.completeExceptionally(thrown == null ? new IllegalStateException("no lease") : thrown);
        } else {
            future.complete(lease);
        }
    }

    private ModelVersions only() {
        if (models.size() != 1) {
            throw unknown("the request names no model and this worker serves "
                    + (models.isEmpty() ? "none" : models.keySet()));
        }
        return models.values().iterator().next();
    }

    private ModelVersions named(String model) {
        ModelVersions versions = models.get(model);
        if (versions == null) {
            throw unknown(
                    "model " + model + " is not served here; served: " + (models.isEmpty() ? "none" : models.keySet()));
        }
        return versions;
    }

    private static FaultException notServed(ModelVersions versions) {
        FaultException refusal = versions.refusal;
        return unknown(
                refusal == null ? "no version of it is served" : "its release was refused: " + refusal.getMessage());
    }

    private static FaultException unknown(String message) {
        return new FaultException(ErrorKind.UNKNOWN_MODEL, message);
    }
}
