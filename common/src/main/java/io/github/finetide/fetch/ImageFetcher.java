package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.Faults;
import java.net.URI;
import java.util.List;

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
     * Whether {@link #fetch} would be tried at all, as far as that is cheap to find out: no byte is read, no host is asked.
     *
     * @throws io.github.finetide.message.FaultException as {@code fetch} would
     */
    default void check(URI uri) {}

    /**
     * Names what lies below a folder, at any depth and in no order, without reading it: paths relative to the folder, with
     * {@code /} between names; those of folders end with one.
     *
     * @param folder a URI that ends in {@code /}
     * @throws io.github.finetide.message.FaultException as {@code fetch} would; {@code TOO_LARGE} for more names than a list of
     *     images may have bytes
     */
    default List<String> list(URI folder) {
        throw Faults.of(
                ErrorKind.INVALID,
                Faults.shown(folder) + " cannot be listed; class folders are read from file: and s3:");
    }
}
