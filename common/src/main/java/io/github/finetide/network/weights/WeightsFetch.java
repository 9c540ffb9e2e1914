package io.github.finetide.network.weights;

import java.net.URI;
import java.nio.file.Path;

/** Brings a weights file from where a job says it is; decides what a job may name. */
@FunctionalInterface
public interface WeightsFetch {
    /**
     * Copies what the URI names into the target, a file that does not exist yet.
     *
     * @throws io.github.finetide.message.FaultException NOT_ALLOWED, NOT_FOUND, TOO_LARGE or
     *     UNAVAILABLE
     */
    void fetch(URI source, Path target);
}
