package io.github.finetide.store;

import io.github.finetide.files.WritableFolder;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A store in a folder, local or on a network mount. Files are written in a temporary folder beside their target,
 * forced to the disk, and renamed.
 */
final class FileStore implements Store {
    private final Path root;
    private final Disk disk;
    private final StoreMarker marker;

    FileStore(Path root, Disk disk) {
        this.root = root;
        this.disk = disk;
        this.marker = StoreMarker.of(root);
    }

    static FileStore open(Path folder) {
        Path root = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(root);
        } catch (IOException failed) {
            throw StoreFaults.of(root, failed);
        }
        return new FileStore(root, new NioDisk());
    }

    @Override
    public URI uri(String key) {
        // Path.toUri() ends with a slash only where a folder is there already.
        String uri = path(key).toUri().toString();
        return URI.create(uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri);
    }

    @Override
    public String key(URI uri) {
        if (!root.toUri().getScheme().equals(uri.getScheme())) {
            throw outside(uri);
        }
        Path path;
        try {
            path = Path.of(uri).normalize();
        } catch (IllegalArgumentException notAPath) {
            throw outside(uri);
        }
        if (!path.startsWith(root) || path.equals(root)) {
            throw outside(uri);
        }
        return root.relativize(path).toString().replace(root.getFileSystem().getSeparator(), "/");
    }

    private FaultException outside(URI uri) {
        return new FaultException(ErrorKind.NOT_ALLOWED, uri + " is not in the store " + root.toUri());
    }

    private Path path(String key) {
        Path path = root.resolve(key).normalize();
        if (!path.startsWith(root)) {
            throw new FaultException(ErrorKind.NOT_ALLOWED, key + " is not in the store " + root.toUri());
        }
        return path;
    }

    @Override
    public List<Entry> list(String folder) {
        List<Entry> entries = new ArrayList<>();
        try {
            requireRoot();
            Files.walkFileTree(path(folder), new Listing(entries));
        } catch (IOException failed) {
            throw StoreFaults.of(path(folder), failed);
        }
        entries.sort(Comparator.comparing(Entry::key));
        return entries;
    }

    @Override
    public <T> T read(String key, Reader<T> reader) {
        try (InputStream bytes = Files.newInputStream(path(key))) {
            return reader.read(bytes);
        } catch (NoSuchFileException missing) {
            requireRoot();
            throw StoreFaults.of(path(key), missing);
        } catch (IOException failed) {
            throw StoreFaults.of(path(key), failed);
        }
    }

    @Override
    public Staging stage(String job, String owner) {
        requireRoot();
        Path folder = path(job).resolve(Temporaries.name(owner));
        try {
            disk.createDirectories(folder);
            disk.force(root);
            return new FileStaging(this, disk, folder);
        } catch (IOException failed) {
            throw StoreFaults.of(folder, failed);
        }
    }

    @Override
    public void touch(String key) {
        try {
            Files.setLastModifiedTime(path(key), FileTime.from(Instant.now()));
        } catch (IOException failed) {
            throw StoreFaults.of(path(key), failed);
        }
    }

    @Override
    public void delete(String key) {
        Path path = path(key);
        try {
            disappear(path, root.resolve(root.relativize(path).getName(0)));
        } catch (IOException failed) {
            throw StoreFaults.of(path, failed);
        }
    }

    /** In one step; what a worker that dies here leaves is found in the job's folder by {@link #deleteTemporaries}. */
    private void disappear(Path path, Path job) throws IOException {
        Path gone = job.resolve(Temporaries.name("deleted"));
        try {
            disk.move(path, gone);
        } catch (NoSuchFileException alreadyGone) {
            return;
        }
        disk.delete(gone);
    }

    @Override
    public void deleteTemporaries(String job, Runnable proof) {
        Path folder = path(job);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try {
            List<Path> found = temporaries(folder);
            if (!found.isEmpty()) {
                proof.run();
            }
            for (Path temporary : found) {
                disappear(temporary, folder); // at once: an owner that slept must not publish half of it
            }
        } catch (IOException failed) {
            throw StoreFaults.of(folder, failed);
        }
    }

    private static List<Path> temporaries(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> temporaries = Files.newDirectoryStream(folder, Temporaries.PREFIX + "*")) {
            temporaries.forEach(found::add);
        }
        return found;
    }

    @Override
    public void close() {}

    /** Where a published file or folder is to lie; its parent is made. */
    Path target(String key) throws IOException {
        Path target = path(key);
        Path parent = target.getParent();
        if (parent != null) {
            disk.createDirectories(parent);
        }
        return target;
    }

    /** A mount that is away looks like an empty store: a job would silently begin anew. */
    @Override
    public void probe() {
        requireRoot();
        String problem = new WritableFolder(root).problem();
        if (problem != null) {
            throw new FaultException(ErrorKind.UNAVAILABLE, "the store " + problem);
        }
    }

    private void requireRoot() {
        if (!marker.isThere()) {
            throw new FaultException(
                    ErrorKind.UNAVAILABLE,
                    "the store " + root.toUri() + " is not there, or is not what it was at start: is its mount away?");
        }
    }

    private final class Listing extends SimpleFileVisitor<Path> {
        private final List<Entry> entries;

        Listing(List<Entry> entries) {
            this.entries = entries;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean temporary = String.valueOf(folder.getFileName()).startsWith(Temporaries.PREFIX);
            return temporary ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (StoreMarker.is(file)) {
                return FileVisitResult.CONTINUE;
            }
            String key = root.relativize(file)
                    .toString()
                    .replace(root.getFileSystem().getSeparator(), "/");
            entries.add(new Entry(
                    key, attributes.size(), attributes.lastModifiedTime().toInstant()));
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
            if (failed instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failed;
        }
    }
}
