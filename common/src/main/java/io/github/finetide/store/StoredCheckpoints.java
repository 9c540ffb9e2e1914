package io.github.finetide.store;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads checkpoints where they are stored, and separates the whole ones from the damaged. */
final class StoredCheckpoints {
    /** 10,000 epochs and 100,000 class names are some 30 MB. */
    private static final int MAX_MANIFEST_BYTES = 64 << 20;

    private final Store store;

    StoredCheckpoints(Store store) {
        this.store = store;
    }

    /**
     * The newest checkpoint, interim ones included, whose files are all there with the digests they should have.
     *
     * @throws FaultException UNAVAILABLE where the store cannot be reached: that makes no checkpoint a damaged one
     */
    Newest newest(String jobId) {
        List<Newest.Damage> damaged = new ArrayList<>();
        for (String folder : CheckpointFolders.newestFirst(store, jobId)) {
            try {
                return new Newest(Optional.of(verified(folder)), damaged);
            } catch (FaultException unusable) {
                if (!isDamage(unusable)) {
                    throw unusable;
                }
                damaged.add(new Newest.Damage(store.uri(folder), String.valueOf(unusable.getMessage())));
            }
        }
        return new Newest(Optional.empty(), damaged);
    }

    /** Whether the same checkpoint is there already, whole. */
    boolean holds(String folder, Saved saved) {
        try {
            return verified(folder).saved().equals(saved);
        } catch (FaultException unusable) {
            if (!isDamage(unusable)) {
                throw unusable;
            }
            return false;
        }
    }

    private static boolean isDamage(FaultException fault) {
        return switch (fault.kind()) {
            case INVALID, MALFORMED, NOT_FOUND, TOO_LARGE -> true;
            default -> false;
        };
    }

    private Found verified(String folder) {
        Found found = manifest(folder, null);
        for (FileEntry file : found.manifest().files()) {
            String key = folder + "/" + file.name();
            check(
                    key,
                    file,
                    store.read(key, bytes -> Digests.copy(file.name(), bytes, OutputStream.nullOutputStream())));
        }
        return found;
    }

    private void check(String key, FileEntry wanted, FileEntry is) {
        if (!wanted.equals(is)) {
            throw new FaultException(
                    ErrorKind.INVALID,
                    String.format(
                            "%s is damaged: %d bytes with SHA-256 %s, not %d bytes with %s",
                            store.uri(key), is.sizeBytes(), is.sha256(), wanted.sizeBytes(), wanted.sha256()));
        }
    }

    /** By what it says of itself; the digest is that of its checkpoint.json, where it is known. */
    Found manifest(String folder, @Nullable String digest) {
        String key = folder + "/" + CheckpointManifest.NAME;
        byte[] json = store.read(key, StoredCheckpoints::readManifest);
        String actual = Sha256.hex(json);
        if (digest != null && !digest.equals(actual)) {
            throw new FaultException(ErrorKind.INVALID, store.uri(key) + " has SHA-256 " + actual + ", not " + digest);
        }
        return found(folder, json);
    }

    /** The checkpoint whose checkpoint.json has been read already. */
    Found found(String folder, byte[] json) {
        CheckpointManifest manifest = parse(folder, json);
        if (!folder.equals(manifest.folder())) {
            throw new FaultException(
                    ErrorKind.INVALID, store.uri(folder) + " holds the checkpoint of " + manifest.folder());
        }
        long bytes = json.length
                + manifest.files().stream().mapToLong(FileEntry::sizeBytes).sum();
        return new Found(new Saved(store.uri(folder), Sha256.hex(json), bytes), manifest);
    }

    private CheckpointManifest parse(String folder, byte[] json) {
        try {
            return ManifestFile.read(json, CheckpointManifest.class);
        } catch (FaultException unreadable) {
            String where = store.uri(folder) + "/" + CheckpointManifest.NAME;
            throw new FaultException(unreadable.kind(), where + ": " + unreadable.getMessage(), unreadable);
        }
    }

    /** What a sweep has done; empty where there is no such file, or it is damaged. */
    Optional<StoredSweep> sweep(String jobId) {
        try {
            byte[] json = store.read(jobId + "/" + StoredSweep.NAME, StoredCheckpoints::readManifest);
            return Optional.of(ManifestFile.read(json, StoredSweep.class));
        } catch (FaultException unusable) {
            if (!isDamage(unusable)) {
                throw unusable;
            }
            return Optional.empty();
        }
    }

    private static byte[] readManifest(InputStream bytes) throws IOException {
        byte[] json = bytes.readNBytes(MAX_MANIFEST_BYTES + 1);
        if (json.length > MAX_MANIFEST_BYTES) {
            throw new FaultException(
                    ErrorKind.TOO_LARGE, CheckpointManifest.NAME + " has more than " + MAX_MANIFEST_BYTES + " bytes");
        }
        return json;
    }
}
