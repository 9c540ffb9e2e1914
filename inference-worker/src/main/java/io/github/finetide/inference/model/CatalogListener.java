package io.github.finetide.inference.model;

import io.github.finetide.message.FaultException;
import io.github.finetide.message.ModelRelease;
import java.time.Duration;

/** Receives what the catalogue does, for metrics and the log. */
public interface CatalogListener {
    void loaded(ModelInfo info, Duration took);

    /** It left memory; it may come back on demand. */
    void unloaded(ModelInfo info);

    /** No request can get this version any more. */
    void forgotten(ModelRelease release);

    /** The version serves unpinned requests from now on. */
    void swapped(ModelInfo info);

    /** The newest release does not serve; the former version, if any, stays. */
    void refused(ModelRelease release, FaultException why);

    /** It cannot be loaded for now, and is tried again. */
    void postponed(ModelRelease release, FaultException why);

    void withdrawn(String model);
}
