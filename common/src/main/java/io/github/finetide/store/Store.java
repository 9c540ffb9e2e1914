package io.github.finetide.store;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.List;

/**
 * Files by key ({@code job/epoch-0007/model.safetensors}) in a folder or a bucket. All methods throw
 * {@link io.github.finetide.message.FaultException}: NOT_FOUND, NOT_ALLOWED, NO_SPACE, or UNAVAILABLE where the store
 * cannot be reached, each naming the place. What is not published does not exist: no reader ever sees half a file.
 */
public interface Store extends AutoCloseable {
    /**
     * A file below the store.
     *
     * @param modifiedAt when it was published or {@linkplain #touch touched}, by the store's clock
     */
    record Entry(String key, long sizeBytes, Instant modifiedAt) {}

    /** Takes what it wants from a file's bytes. */
    @FunctionalInterface
    interface Reader<T> {
        T read(InputStream bytes) throws IOException;
    }

    /** Where a file or folder lies. */
    URI uri(String key);

    /** The key of a place below this store; NOT_ALLOWED for any other. */
    String key(URI uri);

    /** Every published file below a folder ("" for all of the store), by key; empty where there is no such folder. */
    List<Entry> list(String folder);

    /** Reads a file. What the reader itself throws as FaultException goes through. */
    <T> T read(String key, Reader<T> reader);

    /**
     * Begins to write files that nobody sees before they are published.
     *
     * @param job the folder that temporaries are kept in
     * @param owner who writes: part of the temporary folder's name
     */
    Staging stage(String job, String owner);

    /** Makes a file as new as one that is published now. */
    void touch(String key);

    /** Removes a file or a whole folder, if it is there; a checkpoint's {@code checkpoint.json} goes first. */
    void delete(String key);

    /** Throws where the store cannot be reached, or nothing can be written to it, now. */
    void probe();

    /**
     * Removes what owners that are gone left unpublished below a job's folder.
     *
     * @param proof run between listing and deleting, if there is anything; where it throws, nothing is deleted
     */
    void deleteTemporaries(String job, Runnable proof);

    @Override
    void close();
}
