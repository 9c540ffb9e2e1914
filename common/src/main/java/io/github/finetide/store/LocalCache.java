package io.github.finetide.store;

import io.github.finetide.files.TemporaryFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Copies on this machine of what a store holds, named by their digest. Several processes may share one: an entry is
 * made aside and renamed, so it is whole or not there. Entries used longest ago go when there are too many bytes.
 */
public final class LocalCache {
    /** About 60 full ResNet152 checkpoints and their starting weights, and a small part of most disks. */
    public static final long DEFAULT_MAX_BYTES = 16L << 30;
    /** After its last use an entry stays this long, so that who fetched it can open it. */
    public static final Duration IN_USE = Duration.ofMinutes(10);

    private static final String LOCK = ".evict-lock";

    private final Path root;
    private final long maxBytes;
    private final InstantSource clock;
    private final Disk disk = new NioDisk();

    /** A cache in a folder that is made when needed. */
    public LocalCache(Path root, long maxBytes) {
        this(root, maxBytes, InstantSource.system());
    }

    LocalCache(Path root, long maxBytes, InstantSource clock) {
        this.root = root;
        this.maxBytes = maxBytes;
        this.clock = clock;
    }

    /** Removes what processes that were killed left half written. */
    void removeLeftovers() {
        TemporaryFolder.removeAbandoned(root, Temporaries.PREFIX);
    }

    /** Where files on their way to a store may be kept. */
    public Path scratch() {
        return root;
    }

    /** The entry of that name, now used. */
    Optional<Path> find(String name) {
        Path entry = root.resolve(name);
        try {
            Files.setLastModifiedTime(entry, FileTime.from(clock.instant()));
            return Optional.of(entry);
        } catch (NoSuchFileException missing) {
            return Optional.empty();
        } catch (IOException failed) {
            throw StoreFaults.of(entry, failed);
        }
    }

    /** Makes an entry; where another process made it meanwhile, theirs is taken. */
    Path add(String name, Content content) {
        Path entry = root.resolve(name);
        try (TemporaryFolder folder = TemporaryFolder.create(root, Temporaries.PREFIX + "fetch-")) {
            Path temporary = folder.path().resolve(name);
            content.writeTo(temporary);
            rename(temporary, entry);
        } catch (IOException failed) {
            throw StoreFaults.of(entry, failed);
        }
        evict(entry);
        return entry;
    }

    private void rename(Path temporary, Path entry) throws IOException {
        try {
            Files.setLastModifiedTime(temporary, FileTime.from(clock.instant()));
            disk.move(temporary, entry);
        } catch (FileAlreadyExistsException madeByAnother) {
            return;
        } catch (FileSystemException failed) {
            if (!Files.isDirectory(entry)) {
                throw failed;
            }
        }
    }

    /** Removes an entry that turned out to be damaged. */
    void remove(String name) {
        Path entry = root.resolve(name);
        try {
            disk.delete(entry);
        } catch (IOException failed) {
            throw StoreFaults.of(entry, failed);
        }
    }

    private record Item(Path path, long bytes, Instant used) {}

    /** One process at a time; the others need not wait, they have what they wanted. */
    private synchronized void evict(Path keep) {
        try (FileChannel channel =
                        FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            if (lock != null) {
                evictOldest(keep);
            }
        } catch (IOException failed) {
            throw StoreFaults.of(root, failed);
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldInThisProcess) {
            return null;
        }
    }

    private void evictOldest(Path keep) throws IOException {
        List<Item> items = items();
        long bytes = items.stream().mapToLong(Item::bytes).sum();
        for (Item item : items) {
            if (bytes > maxBytes && !item.path().equals(keep) && isUnused(item, IN_USE)) {
                disk.delete(item.path());
                bytes -= item.bytes();
            }
        }
    }

    private boolean isUnused(Item item, Duration since) {
        return item.used().isBefore(clock.instant().minus(since));
    }

    /** What may be evicted, used longest ago first. */
    private List<Item> items() throws IOException {
        List<Item> items = new ArrayList<>();
        try (Stream<Path> paths = Files.list(root)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                if (isEntry(path)) {
                    items.add(item(path));
                }
            }
        }
        items.sort(Comparator.comparing(Item::used)
                .thenComparing(item -> item.path().toString()));
        return items;
    }

    /** The folder may hold other things, which are none of this cache's business. */
    private static boolean isEntry(Path path) {
        return String.valueOf(path.getFileName()).matches("[0-9a-f]{64}(\\.safetensors)?");
    }

    private static Item item(Path path) {
        try (Stream<Path> files = Files.walk(path)) {
            long bytes = files.mapToLong(LocalCache::size).sum();
            return new Item(path, bytes, Files.getLastModifiedTime(path).toInstant());
        } catch (IOException removedMeanwhile) {
            return new Item(path, 0, Instant.MAX);
        }
    }

    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (IOException removedMeanwhile) {
            return 0;
        }
    }
}
