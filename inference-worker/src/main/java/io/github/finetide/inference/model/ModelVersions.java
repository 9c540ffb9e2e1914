package io.github.finetide.inference.model;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One model: the version that serves, the one that is to, and those kept for pins. */
public final class ModelVersions {
    /** Released versions that a request can pin without the store. */
    public static final int KEPT = 3;
    /** Further ones, brought from the store because a request pinned them. */
    static final int KEPT_FOR_PINS = 2;

    /** Newest first; the versions that serve, served or were released before this worker started. */
    private final Deque<ModelVersion> known = new ArrayDeque<>();

    /** Newest first; further ones that requests pinned. They are never fallen back to. */
    private final Deque<ModelVersion> pinned = new ArrayDeque<>();

    @Nullable ModelVersion current;

    @Nullable ModelVersion candidate;
    /** Why the newest release does not serve. */
    @Nullable FaultException refusal;
    /** Why it is not loaded yet, although it was tried. */
    @Nullable FaultException postponement;

    /** Returns the version that an unpinned request gets: the old one until the new one is ready. */
    Optional<ModelVersion> unpinned() {
        return Optional.ofNullable(current != null ? current : candidate);
    }

    Optional<ModelVersion> find(String version) {
        return all().stream()
                .filter(known -> known.release.version().equals(version))
                .findFirst();
    }

    /** Makes this release the candidate, reusing a version that is known. */
    ModelVersion propose(ModelRelease release) {
        return propose(release, () -> new ModelVersion(release));
    }

    /** The same with a version for a release that is not known. */
    ModelVersion propose(ModelRelease release, Supplier<ModelVersion> unknown) {
        ModelVersion proposed = all().stream()
                .filter(version -> version.isOf(release))
                .findFirst()
                .orElseGet(unknown);
        keepDisplaced(proposed);
        candidate = proposed;
        refusal = null;
        postponement = null;
        return proposed;
    }

    /** While nothing serves, a candidate that a newer release overtakes is what there is to fall back to. */
    private void keepDisplaced(ModelVersion proposed) {
        ModelVersion displaced = candidate;
        if (current != null || displaced == null || displaced == proposed || displaced.refused) {
            return;
        }
        if (!known.contains(displaced) && known.size() < KEPT) {
            known.addFirst(displaced);
        }
    }

    /** Where nothing serves and the newest release was refused: the one before it becomes the candidate. */
    Optional<ModelVersion> fallBack() {
        Optional<ModelVersion> former = current != null
                ? Optional.empty()
                : known.stream().filter(version -> !version.refused).findFirst();
        candidate = former.orElse(null);
        return former;
    }

    /** Swaps the version in; returns those that are kept no longer. */
    List<ModelVersion> promote(ModelVersion version) {
        List<ModelVersion> replaced = all().stream()
                .filter(other -> other.release.version().equals(version.release.version()))
                .filter(other -> other != version)
                .toList();
        known.removeAll(replaced);
        pinned.removeAll(replaced);
        known.remove(version);
        pinned.remove(version);
        known.addFirst(version);
        current = version;
        if (candidate == version) {
            candidate = null;
            postponement = null;
        }
        List<ModelVersion> dropped = trim(known, KEPT);
        dropped.addAll(replaced);
        return dropped;
    }

    /** Keeps an older release without loading it; returns those that are kept no longer. */
    List<ModelVersion> remember(ModelVersion version) {
        known.addLast(version);
        return trim(known, KEPT);
    }

    /** Keeps a version that a request pinned; returns those that are kept no longer. */
    List<ModelVersion> pin(ModelVersion version) {
        pinned.addFirst(version);
        return trim(pinned, KEPT_FOR_PINS);
    }

    List<ModelVersion> all() {
        List<ModelVersion> all = new ArrayList<>(known);
        all.addAll(pinned);
        if (candidate != null && !all.contains(candidate)) {
            all.add(0, candidate);
        }
        return all;
    }

    private static List<ModelVersion> trim(Deque<ModelVersion> versions, int limit) {
        List<ModelVersion> dropped = new ArrayList<>();
        while (versions.size() > limit) {
            dropped.add(versions.removeLast());
        }
        return dropped;
    }
}
