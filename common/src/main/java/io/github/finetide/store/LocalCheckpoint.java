package io.github.finetide.store;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.nio.file.Path;

/**
 * A checkpoint's verified files on this machine's disk. Open them soon: see {@link LocalCache#IN_USE}.
 *
 * @param folder in the local cache
 */
public record LocalCheckpoint(Path folder, Saved saved, CheckpointManifest manifest) {

    /**
     * One of its files, such as {@link CheckpointManifest#MODEL}.
     *
     * @throws FaultException NOT_FOUND if it has none of that name
     */
    public Path file(String name) {
        if (manifest.file(name).isEmpty()) {
            throw new FaultException(ErrorKind.NOT_FOUND, "checkpoint " + saved.uri() + " has no " + name);
        }
        return folder.resolve(name);
    }
}
