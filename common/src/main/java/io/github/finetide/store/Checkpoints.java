package io.github.finetide.store;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Checkpoints in a store:
 *
 * <pre>
 * job/epoch-0007/                     model, optimizer, golden .safetensors, checkpoint.json
 * job/interim/epoch-0008-batch-000012/  the same of an unfinished epoch, until that is finished
 * job/report.html
 * job/out-of-fold.safetensors           logits of the training images, where the job has folds
 * weights/&lt;sha256&gt;.safetensors        starting weights, once per content
 * </pre>
 *
 * A folder without {@code checkpoint.json} does not exist. Everything read is verified against its digest. All methods
 * throw {@link FaultException} as {@link Store} does.
 */
public final class Checkpoints implements AutoCloseable {
    private static final String WEIGHTS = "weights";
    private static final String REPORT = "report.html";
    private static final String OUT_OF_FOLD = "out-of-fold.safetensors";
    private static final int MAX_OUT_OF_FOLD_BYTES = 256 << 20; // twice what there is at most

    private final Store store;
    private final StoredCheckpoints stored;
    private final String owner;
    private final LocalCache cache;

    /**
     * Checkpoints in this store.
     *
     * @param owner worker id, part of the names of temporary folders
     */
    public Checkpoints(Store store, String owner, LocalCache cache) {
        this.store = store;
        this.stored = new StoredCheckpoints(store);
        this.owner = owner;
        this.cache = cache;
    }

    /** Returns the store itself, for what is kept beside checkpoints. */
    public Store store() {
        return store;
    }

    /** Opens the store that a URI names, with a cache of the default size. */
    public static Checkpoints open(URI store, String owner, Path cache) {
        LocalCache local = new LocalCache(cache, LocalCache.DEFAULT_MAX_BYTES);
        local.removeLeftovers();
        return new Checkpoints(Stores.open(store, cache), owner, local);
    }

    /**
     * Writes a checkpoint where nobody sees it yet, durably; {@link PreparedCheckpoint#publish} makes it appear.
     *
     * @param files content by name; {@code checkpoint.json} is written from the manifest and what they turn out to be
     */
    public PreparedCheckpoint prepare(CheckpointManifest manifest, Map<String, Content> files) {
        String folder = manifest.folder();
        refuseReserved(manifest.job().jobId());
        Staging staging = store.stage(manifest.job().jobId(), owner);
        try {
            List<FileEntry> entries = new ArrayList<>();
            new TreeMap<>(files).forEach((name, content) -> entries.add(staging.add(name, content)));
            byte[] json = ManifestFile.write(manifest.withFiles(entries));
            entries.add(staging.add(CheckpointManifest.NAME, file -> Files.write(file, json)));
            Saved saved = saved(folder, json, entries);
            return new PreparedCheckpoint(staging, saved, () -> {
                if (!stored.holds(folder, saved)) {
                    staging.publish(folder);
                }
            });
        } catch (RuntimeException | Error failed) {
            closeAfter(failed, staging);
            throw failed;
        }
    }

    /**
     * Writes an addition to a finished checkpoint where nobody sees it yet, durably. Publishing adds the files, then
     * replaces {@code checkpoint.json}: whoever reads meanwhile finds the old checkpoint or the new one, whole.
     *
     * @param found what is there
     * @param measured its checkpoint.json as it is to be, but for the files
     * @param files content by name, of names that it does not have
     */
    public PreparedCheckpoint amend(Found found, CheckpointManifest measured, Map<String, Content> files) {
        CheckpointManifest old = found.manifest();
        Staging staging = store.stage(old.job().jobId(), owner);
        try {
            List<FileEntry> entries = new ArrayList<>(old.files());
            new TreeMap<>(files).forEach((name, content) -> entries.add(staging.add(name, content)));
            byte[] json = ManifestFile.write(measured.withFiles(entries));
            entries.add(staging.add(CheckpointManifest.NAME, file -> Files.write(file, json)));
            return new PreparedCheckpoint(staging, saved(old.folder(), json, entries), () -> {
                new TreeMap<>(files).keySet().forEach(name -> staging.publishFile(name, old.folder() + "/" + name));
                staging.publishFile(CheckpointManifest.NAME, old.folder() + "/" + CheckpointManifest.NAME);
            });
        } catch (RuntimeException | Error failed) {
            closeAfter(failed, staging);
            throw failed;
        }
    }

    private static void closeAfter(Throwable failed, Staging staging) {
        try {
            staging.close();
        } catch (RuntimeException alsoFailed) {
            failed.addSuppressed(alsoFailed);
        }
    }

    /** Starting weights would lie among the job's files. */
    private static void refuseReserved(String jobId) {
        if (jobId.equals(WEIGHTS)) {
            throw FaultException.invalid("jobId", jobId, "any other name: the store keeps starting weights there");
        }
    }

    private Saved saved(String folder, byte[] json, List<FileEntry> entries) {
        long bytes = entries.stream().mapToLong(FileEntry::sizeBytes).sum();
        return new Saved(store.uri(folder), Sha256.hex(json), bytes);
    }

    /** Prepares and publishes at once. */
    public Saved save(CheckpointManifest manifest, Map<String, Content> files) {
        try (PreparedCheckpoint prepared = prepare(manifest, files)) {
            prepared.publish();
            return prepared.saved();
        }
    }

    /** Every finished epoch's checkpoint of a job, oldest first, whole or not. */
    public List<URI> list(String jobId) {
        return CheckpointFolders.finished(store, jobId).stream().map(store::uri).toList();
    }

    /**
     * The newest checkpoint, interim ones included, whose files are all there with the digests they should have.
     *
     * @throws FaultException UNAVAILABLE where the store cannot be reached: that makes no checkpoint a damaged one
     */
    public Newest newest(String jobId) {
        return stored.newest(jobId);
    }

    /** A finished epoch's checkpoint by what it says of itself, its tensors not looked at; empty where there is none. */
    public Optional<Found> find(String jobId, int epoch) {
        String folder = String.format(Locale.ROOT, "%s/epoch-%04d", jobId, epoch);
        return CheckpointFolders.finished(store, jobId).contains(folder)
                ? Optional.of(stored.manifest(folder, null))
                : Optional.empty();
    }

    /** Reads what a checkpoint says of itself, without looking at its tensors. */
    public CheckpointManifest manifest(URI checkpoint) {
        return stored.manifest(store.key(checkpoint), null).manifest();
    }

    /**
     * Brings a checkpoint to this machine's cache, verified.
     *
     * @param checkpoint its folder in this store
     * @param digest of its checkpoint.json, where it is known
     * @throws FaultException INVALID if a file is not what its digest says
     */
    public LocalCheckpoint fetch(URI checkpoint, @Nullable String digest) {
        String folder = store.key(checkpoint);
        CachedCheckpoints cached = new CachedCheckpoints(store, cache);
        if (digest != null) {
            Optional<Path> local = cached.find(digest);
            if (local.isPresent()) {
                byte[] json = cached.manifest(local.get());
                Found found = stored.found(folder, json);
                return new LocalCheckpoint(local.get(), found.saved(), found.manifest());
            }
        }
        Found found = stored.manifest(folder, digest);
        return new LocalCheckpoint(cached.fetch(folder, found), found.saved(), found.manifest());
    }

    /**
     * What a job does not need any more once a newer checkpoint is published: all but the newest ones and the best, and
     * interim checkpoints of epochs that are finished. Epochs after the last one belong to an owner that came later.
     *
     * @param newest how many to keep
     * @param bestEpoch kept whatever its age
     * @param lastEpoch the last one that the job's owner knows of
     */
    public List<URI> unneeded(String jobId, int newest, int bestEpoch, int lastEpoch) {
        return CheckpointFolders.unneeded(store, jobId, new CheckpointFolders.Kept(newest, bestEpoch, lastEpoch))
                .stream()
                .map(store::uri)
                .toList();
    }

    /** Deletes one checkpoint, if it is there. */
    public void delete(URI checkpoint) {
        store.delete(store.key(checkpoint));
    }

    /**
     * Removes what earlier owners of this job left half done; only who owns the job now may call it.
     *
     * @param proof run between listing and deleting, if there is anything: throws where the caller is no longer the owner,
     *     so that an owner which slept meanwhile deletes nothing of the next one's
     */
    public void deleteTemporaries(String jobId, Runnable proof) {
        store.deleteTemporaries(jobId, proof);
    }

    /** Puts starting weights into the store, once per content. */
    public void putWeights(String jobId, String sha256, Path file) {
        String name = sha256 + ".safetensors";
        String key = WEIGHTS + "/" + name;
        if (store.list(WEIGHTS).stream().anyMatch(entry -> entry.key().equals(key))) {
            return;
        }
        try (Staging staging = store.stage(jobId, owner)) {
            FileEntry entry = staging.add(name, target -> Files.copy(file, target));
            if (!entry.sha256().equals(sha256)) {
                throw new FaultException(
                        ErrorKind.INVALID, file + " has SHA-256 " + entry.sha256() + ", not " + sha256);
            }
            staging.publishFile(name, key);
        }
    }

    /** Brings starting weights to this machine's cache, verified. */
    public Path weights(String sha256) {
        return new CachedCheckpoints(store, cache).weights(WEIGHTS + "/" + sha256 + ".safetensors", sha256);
    }

    /**
     * Writes or replaces a job's report, and returns where it lies.
     *
     * @param confirm runs right before the report appears: throws where the job is no longer its owner's
     */
    public URI putReport(String jobId, String html, Runnable confirm) {
        return put(jobId, REPORT, html.getBytes(StandardCharsets.UTF_8), confirm);
    }

    /** Writes down what a sweep has done; confirm as for a report. */
    public URI putSweep(String jobId, StoredSweep sweep, Runnable confirm) {
        return put(jobId, StoredSweep.NAME, ManifestFile.write(sweep), confirm);
    }

    /** What a sweep has done; empty where that is not known, or the file is damaged. */
    public Optional<StoredSweep> sweep(String jobId) {
        return stored.sweep(jobId);
    }

    /** Keeps what a job's cross-validation gave; confirm as for a report. */
    public URI putOutOfFold(String jobId, Content tensors, Runnable confirm) {
        String key = jobId + "/" + OUT_OF_FOLD;
        try (Staging staging = store.stage(jobId, owner)) {
            FileEntry unused = staging.add(OUT_OF_FOLD, tensors);
            confirm.run();
            staging.publishFile(OUT_OF_FOLD, key);
        }
        return store.uri(key);
    }

    /** Reads that file; empty where there is none, or it is larger than any that was written. */
    public Optional<byte[]> outOfFold(String jobId) {
        try {
            byte[] file = store.read(jobId + "/" + OUT_OF_FOLD, bytes -> bytes.readNBytes(MAX_OUT_OF_FOLD_BYTES + 1));
            return file.length > MAX_OUT_OF_FOLD_BYTES ? Optional.empty() : Optional.of(file);
        } catch (FaultException unusable) {
            if (unusable.kind().isTransient()) {
                throw unusable;
            }
            return Optional.empty();
        }
    }

    private URI put(String jobId, String name, byte[] content, Runnable confirm) {
        String key = jobId + "/" + name;
        try (Staging staging = store.stage(jobId, owner)) {
            staging.add(name, file -> Files.write(file, content));
            confirm.run();
            staging.publishFile(name, key);
        }
        return store.uri(key);
    }

    /** Writes a file beside a checkpoint's own, which nothing needs; one of that name is replaced. */
    public URI putBeside(Found found, String name, Content content, Runnable confirm) {
        String key = found.manifest().folder() + "/" + name;
        try (Staging staging = store.stage(found.manifest().job().jobId(), owner)) {
            FileEntry unused = staging.add(name, content);
            confirm.run();
            staging.publishFile(name, key);
        }
        return store.uri(key);
    }

    @Override
    public void close() {
        store.close();
    }
}
