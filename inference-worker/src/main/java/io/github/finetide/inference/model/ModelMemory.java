package io.github.finetide.inference.model;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.runtime.Background;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which versions are in memory. Above the limit the least recently used network leaves, with all
 * its heads, unless a request holds a lease on it; it is loaded again on demand.
 */
public final class ModelMemory {
    /** The largest weights (230 MB) come in 3 minutes over 10 Mbit/s, and are then checked. */
    public static final Duration LOAD_LIMIT = Duration.ofMinutes(10);

    private final long limitBytes;
    private final Duration loadLimit;
    private final ModelLoader loader;
    private final Background background;
    private final CatalogListener listener;
    private final LongSupplier clock;
    private final List<ModelVersion> inMemory = new ArrayList<>();
    /** Since when a version is being loaded, by {@link System#nanoTime()}; null between two. */
    private volatile @Nullable Long loadingSince;

    /** @param limitBytes of networks and heads; while one is loaded, it comes on top */
    public ModelMemory(
            long limitBytes, ModelLoader loader, Background background, CatalogListener listener, LongSupplier clock) {
        this(limitBytes, LOAD_LIMIT, loader, background, listener, clock);
    }

    ModelMemory(
            long limitBytes,
            Duration loadLimit,
            ModelLoader loader,
            Background background,
            CatalogListener listener,
            LongSupplier clock) {
        this.limitBytes = limitBytes;
        this.loadLimit = loadLimit;
        this.loader = loader;
        this.background = background;
        this.listener = listener;
        this.clock = clock;
    }

    synchronized CompletableFuture<Lease> lease(ModelVersion version) {
        version.leases++;
        version.lastUse = clock.getAsLong();
        return load(version).handle((loaded, thrown) -> {
            if (thrown != null) {
                release(version);
                throw forARequest(version, FaultException.of(thrown));
            }
            return new Lease(loaded, () -> release(version));
        });
    }

    /** Leases the version if it is in memory; loads nothing. */
    synchronized Optional<Lease> leaseLoaded(ModelVersion version) {
        LoadedModel loaded = version.loaded;
        if (loaded == null) {
            return Optional.empty();
        }
        version.leases++;
        version.lastUse = clock.getAsLong();
        return Optional.of(new Lease(loaded, () -> release(version)));
    }

    synchronized boolean holds(ModelVersion version) {
        return version.loaded != null;
    }

    /** What this machine or its store may mend is worth another try of the request. */
    private static FaultException forARequest(ModelVersion version, FaultException why) {
        return why.kind().isTransient() || isOfContent(why)
                ? why
                : new FaultException(
                        ErrorKind.UNAVAILABLE,
                        "version " + version.release.version() + " cannot be loaded: " + why.getMessage(),
                        why);
    }

    /** Whether every worker would fail alike. */
    static boolean isOfContent(FaultException why) {
        return switch (why.kind()) {
            case INVALID, MALFORMED, UNDECODABLE, TOO_LARGE, NOT_FINITE -> true;
            default -> false;
        };
    }

    /** Brings the version into memory; at once if it is there. */
    synchronized CompletableFuture<LoadedModel> load(ModelVersion version) {
        if (version.loaded != null) {
            return CompletableFuture.completedFuture(version.loaded);
        }
        CompletableFuture<LoadedModel> loading = version.loading;
        if (loading == null) {
            CompletableFuture<LoadedModel> result = new CompletableFuture<>();
            loading = result.exceptionallyCompose(why -> CompletableFuture.failedFuture(fault(version, why)));
            version.loading = loading;
            background.execute(() -> load(version, result));
        }
        return loading;
    }

    private FaultException fault(ModelVersion version, Throwable why) {
        return why instanceof TimeoutException
                ? new FaultException(
                        ErrorKind.UNAVAILABLE,
                        "version %s has not been loaded within %s".formatted(version.release.version(), loadLimit),
                        why)
                : FaultException.of(why);
    }

    /** Why only a restart helps, in one sentence; null while no load hangs. */
    public @Nullable String problem() {
        Long since = loadingSince;
        return since == null || System.nanoTime() - since < loadLimit.toNanos()
                ? null
                : "a model has been loading for more than " + loadLimit;
    }

    /** These are no longer known: freed now, or when their last lease ends. */
    synchronized void retire(List<ModelVersion> versions) {
        versions.forEach(version -> {
            version.retired = true;
            freeIfUnused(version);
        });
    }

    /** Retires a version that was loaded in vain, unless the model still knows it. */
    void retireUnknown(ModelVersion version, @Nullable ModelVersions known) {
        if (known == null || !known.all().contains(version)) {
            retire(List.of(version));
        }
    }

    synchronized long bytes() {
        IdentityHashMap<Backbone, Long> backbones = new IdentityHashMap<>();
        long heads = 0;
        for (ModelVersion version : inMemory) {
            LoadedModel loaded = version.loaded;
            if (loaded != null) {
                backbones.put(loaded.backbone(), loaded.backbone().bytes());
                heads += loaded.headBytes();
            }
        }
        return heads + backbones.values().stream().mapToLong(Long::longValue).sum();
    }

    private void load(ModelVersion version, CompletableFuture<LoadedModel> result) {
        long start = clock.getAsLong();
        loadingSince = System.nanoTime();
        CompletableFuture<LoadedModel> unused = result.orTimeout(loadLimit.toMillis(), TimeUnit.MILLISECONDS);
        try {
            LoadedModel loaded = loadMakingRoom(version);
            settled(version, loaded);
            listener.loaded(loaded.info(), Duration.ofNanos(clock.getAsLong() - start));
            result.complete(loaded);
        } catch (Throwable why) { // whatever it is, somebody waits for the result
            settled(version, null);
            result.completeExceptionally(
                    why instanceof OutOfMemoryError ? shortOfMemory(version, why) : FaultException.of(why));
        }
        loadingSince = null;
        // A version forgotten while it was loaded, and nobody waited for it.
        freeIfUnused(version);
    }

    /** A device that is full before the limit, by other processes for example, gets room as if the limit were lower. */
    private LoadedModel loadMakingRoom(ModelVersion version) {
        while (true) {
            try {
                return loader.load(version.release);
            } catch (FaultException failed) {
                if (failed.kind() != ErrorKind.OUT_OF_MEMORY || !makeRoom(version)) {
                    throw failed;
                }
            }
        }
    }

    /** Closes the least recently used network now, and says whether there was one to close. */
    private boolean makeRoom(ModelVersion spared) {
        List<LoadedModel> victims;
        synchronized (this) {
            victims = leastRecentlyUsed(spared).stream()
                    .map(this::removed)
                    .flatMap(Optional::stream)
                    .toList();
        }
        victims.forEach(LoadedModel::close);
        return !victims.isEmpty();
    }

    private static FaultException shortOfMemory(ModelVersion version, Throwable why) {
        return new FaultException(
                ErrorKind.UNAVAILABLE, "no memory for version " + version.release.version() + ": " + why, why);
    }

    private synchronized void settled(ModelVersion version, @Nullable LoadedModel loaded) {
        version.loading = null;
        version.loaded = loaded;
        version.lastUse = clock.getAsLong();
        if (loaded != null) {
            inMemory.add(version);
            shrink(version.guest ? null : version);
        }
    }

    private synchronized void release(ModelVersion version) {
        version.leases--;
        freeIfUnused(version);
        if (version.isIdle()) {
            shrink(version);
        }
    }

    /** Frees networks until the limit holds, guests first; the one just loaded or used stays. */
    private void shrink(@Nullable ModelVersion spared) {
        while (bytes() > limitBytes) {
            List<ModelVersion> victims = leastRecentlyUsed(spared);
            if (victims.isEmpty()) {
                return;
            }
            victims.forEach(this::free);
        }
    }

    private List<ModelVersion> leastRecentlyUsed(@Nullable ModelVersion spared) {
        IdentityHashMap<Backbone, List<ModelVersion>> groups = new IdentityHashMap<>();
        for (ModelVersion version : inMemory) {
            LoadedModel loaded = version.loaded;
            if (loaded != null) {
                groups.computeIfAbsent(loaded.backbone(), key -> new ArrayList<>())
                        .add(version);
            }
        }
        return groups.values().stream()
                .filter(group ->
                        group.stream().allMatch(ModelVersion::isIdle) && (spared == null || !group.contains(spared)))
                .min(Comparator.comparing(ModelMemory::isOwn).thenComparingLong(ModelMemory::lastUse))
                .orElse(List.of());
    }

    private static boolean isOwn(List<ModelVersion> group) {
        return group.stream().anyMatch(version -> !version.guest);
    }

    private static long lastUse(List<ModelVersion> group) {
        return group.stream().mapToLong(version -> version.lastUse).max().orElse(0);
    }

    private synchronized void freeIfUnused(ModelVersion version) {
        if (version.retired && version.isIdle()) {
            free(version);
            if (!version.forgotten) {
                version.forgotten = true;
                listener.forgotten(version.release);
            }
        }
    }

    private void free(ModelVersion version) {
        // Not closed here: a request's thread must not wait for it.
        removed(version).ifPresent(loaded -> background.execute(loaded::close));
    }

    private Optional<LoadedModel> removed(ModelVersion version) {
        LoadedModel loaded = version.loaded;
        if (loaded != null) {
            version.loaded = null;
            inMemory.remove(version);
            listener.unloaded(loaded.info());
        }
        return Optional.ofNullable(loaded);
    }
}
