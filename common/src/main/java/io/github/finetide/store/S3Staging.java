package io.github.finetide.store;

import io.github.finetide.files.TemporaryFolder;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Objects under a temporary key, to be copied to their own.
 *
 * <p>See RATIONALE.md, Why does publishing to S3 copy objects?
 */
final class S3Staging implements Staging {
    private final S3Store store;
    private final String temporary;
    private final TemporaryFolder local;
    private final List<String> names = new ArrayList<>();

    /**
     * Nothing is written yet.
     *
     * @param temporary key that the temporary objects' keys begin with, ending with a slash
     * @param local of this staging alone, closed with it
     */
    S3Staging(S3Store store, String temporary, TemporaryFolder local) {
        this.store = store;
        this.temporary = temporary;
        this.local = local;
    }

    @Override
    public FileEntry add(String name, Content content) {
        Path file = local.path().resolve(name);
        try {
            content.writeTo(file);
            FileEntry entry = Digests.of(name, file);
            names.add(name);
            store.upload(temporary + name, file);
            Files.delete(file);
            return entry;
        } catch (IOException failed) {
            throw StoreFaults.of(file, failed);
        }
    }

    @Override
    public void publish(String folder) {
        for (String name : names) {
            publishFile(name, folder + "/" + name);
        }
    }

    @Override
    public void publishFile(String name, String key) {
        try {
            store.copy(temporary + name, key);
        } catch (FaultException failed) {
            // Not for good: who still owns the job writes the files again, who does not finds that out.
            throw failed.kind() == ErrorKind.NOT_FOUND
                    ? new FaultException(
                            ErrorKind.UNAVAILABLE,
                            store.uri(key) + ": another worker removed the files before they were published",
                            failed)
                    : failed;
        }
    }

    @Override
    public void close() {
        local.close();
        names.forEach(name -> store.remove(temporary + name));
    }
}
