package io.github.finetide.store;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Sha256;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Checkpoints and weights in a {@link LocalCache}: verified when they come in, and again at each use. */
final class CachedCheckpoints {
    private final Store store;
    private final LocalCache cache;

    CachedCheckpoints(Store store, LocalCache cache) {
        this.store = store;
        this.cache = cache;
    }

    /** The checkpoint with that digest, if it is here and whole. */
    Optional<Path> find(String digest) {
        Optional<Path> entry = cache.find(digest);
        if (entry.isPresent() && !isWhole(entry.get(), digest)) {
            cache.remove(digest);
            return Optional.empty();
        }
        return entry;
    }

    private static boolean isWhole(Path folder, String digest) {
        try {
            byte[] json = Files.readAllBytes(folder.resolve(CheckpointManifest.NAME));
            if (!Sha256.hex(json).equals(digest)) {
                return false;
            }
            for (FileEntry file :
                    ManifestFile.read(json, CheckpointManifest.class).files()) {
                if (!Digests.of(file.name(), folder.resolve(file.name())).equals(file)) {
                    return false;
                }
            }
            return true;
        } catch (NoSuchFileException missing) {
            return false;
        } catch (IOException failed) {
            throw StoreFaults.of(folder, failed);
        }
    }

    byte[] manifest(Path folder) {
        try {
            return Files.readAllBytes(folder.resolve(CheckpointManifest.NAME));
        } catch (IOException failed) {
            throw StoreFaults.of(folder, failed);
        }
    }

    /** Downloads a checkpoint unless it is here. */
    Path fetch(String folder, Found found) {
        String digest = found.saved().digest();
        return find(digest).orElseGet(() -> cache.add(digest, target -> download(folder, found, target)));
    }

    private void download(String folder, Found found, Path target) throws IOException {
        Files.createDirectory(target);
        for (FileEntry file : found.manifest().files()) {
            download(folder + "/" + file.name(), file.name(), file.sha256(), target.resolve(file.name()));
        }
        String name = CheckpointManifest.NAME;
        download(folder + "/" + name, name, found.saved().digest(), target.resolve(name));
    }

    /** Downloads starting weights unless they are here. */
    Path weights(String key, String sha256) {
        String name = sha256 + ".safetensors";
        Optional<Path> entry = cache.find(name);
        if (entry.isPresent() && isWeights(entry.get(), sha256)) {
            return entry.get();
        }
        entry.ifPresent(damaged -> cache.remove(name));
        return cache.add(name, target -> download(key, name, sha256, target));
    }

    private static boolean isWeights(Path file, String sha256) {
        try {
            return Digests.of("weights", file).sha256().equals(sha256);
        } catch (NoSuchFileException evicted) {
            return false;
        } catch (IOException failed) {
            throw StoreFaults.of(file, failed);
        }
    }

    private void download(String key, String name, String sha256, Path target) {
        FileEntry got = store.read(key, bytes -> {
            try (OutputStream out = new LocalOutput(target)) {
                return Digests.copy(name, bytes, out);
            }
        });
        if (!got.sha256().equals(sha256)) {
            throw new FaultException(
                    ErrorKind.INVALID,
                    store.uri(key) + " is damaged: it has SHA-256 " + got.sha256() + ", not " + sha256);
        }
    }
}
