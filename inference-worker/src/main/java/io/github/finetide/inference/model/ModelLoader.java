package io.github.finetide.inference.model;

import io.github.finetide.message.ModelRelease;
import java.util.Optional;

/** Brings models into memory. */
public interface ModelLoader {
    /**
     * Fetches, verifies, loads, warms up and checks a version; others serve meanwhile.
     *
     * @throws io.github.finetide.message.FaultException if it cannot be had ({@code unavailable}:
     *     for now) or must not serve
     */
    LoadedModel load(ModelRelease release);

    /** Looks in the store for a version that was not seen on the topic; empty if it holds none for this model. */
    Optional<ModelRelease> find(String model, String version);
}
