package io.github.finetide.inference;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One model: the version that serves, the one that is to, and those kept for pins. */
final class ModelVersions {
    /** Released versions that a request can pin without the store. */
    static final int KEPT = 3;
    /** Further ones, brought from the store because a request pinned them. */
    static final int KEPT_FOR_PINS = 2;

    /** Newest first; the versions that served or were pinned. */
    private final Deque<ModelVersion> known = new ArrayDeque<>();

    @Nullable ModelVersion current;

    @Nullable ModelVersion candidate;
    /** Why the newest release does not serve. */
    @Nullable FaultException refusal;

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
        ModelVersion proposed = all().stream()
                .filter(version -> version.isOf(release))
                .findFirst()
                .orElseGet(() -> new ModelVersion(release));
        keepDisplaced(proposed);
        candidate = proposed;
        refusal = null;
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
        known.remove(version);
        known.removeIf(other -> other.release.version().equals(version.release.version()));
        known.addFirst(version);
        current = version;
        if (candidate == version) {
            candidate = null;
        }
        return trim(KEPT);
    }

    /** Keeps an older version without loading it; returns those that are kept no longer. */
    List<ModelVersion> remember(ModelVersion version) {
        known.addLast(version);
        return trim(KEPT + KEPT_FOR_PINS);
    }

    List<ModelVersion> all() {
        List<ModelVersion> all = new ArrayList<>(known);
        if (candidate != null && !known.contains(candidate)) {
            all.add(0, candidate);
        }
        return all;
    }

    private List<ModelVersion> trim(int limit) {
        List<ModelVersion> dropped = new ArrayList<>();
        while (known.size() > limit) {
            dropped.add(known.removeLast());
        }
        return dropped;
    }
}
