package io.github.finetide.fetch;

import java.net.URI;

/** Reads the bytes a URI names; {@link ImageSources} is the real one. Safe for use by several threads at once. */
@FunctionalInterface
public interface ImageFetcher {
    /**
     * One attempt: retries are the caller's.
     *
     * @throws io.github.finetide.message.FaultException {@code NOT_ALLOWED}, {@code NOT_FOUND}, {@code TOO_LARGE},
     *     {@code INVALID} for what is no usable URI, or {@code UNAVAILABLE} for what may go better later
     */
    byte[] fetch(URI uri);

    /** As {@link #fetch}, for a list of images, which may be larger than one of them. */
    default byte[] fetchManifest(URI uri) {
        return fetch(uri);
    }

    /**
     * Whether {@link #fetch} would be tried at all, as far as that is cheap to tell: no byte is read, no host is asked.
     *
     * @throws io.github.finetide.message.FaultException as {@code fetch} would
     */
    default void check(URI uri) {}
}
