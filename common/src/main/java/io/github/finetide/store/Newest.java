package io.github.finetide.store;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/**
 * The newest checkpoint that is whole.
 *
 * @param checkpoint empty where a job has none
 * @param damaged newer ones that were passed over, newest first: worth a warning
 */
public record Newest(Optional<Found> checkpoint, List<Damage> damaged) {
    public Newest {
        damaged = List.copyOf(damaged);
    }

    /** A checkpoint that cannot be used, and why. */
    public record Damage(URI uri, String reason) {}
}
