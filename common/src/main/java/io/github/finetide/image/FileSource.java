package io.github.finetide.image;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Locale;

/** Files below the data roots, after every link is resolved. Regular files only: opening a FIFO would wait for ever. */
final class FileSource implements ImageFetcher {
    private final List<Path> roots;
    private final long maxBytes;

    FileSource(List<Path> roots, long maxBytes) {
        this.roots = roots;
        this.maxBytes = maxBytes;
    }

    @Override
    public byte[] fetch(URI uri) {
        Path file = resolve(uri);
        // The last component is no link any more; if somebody makes it one now, it is not followed.
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes((int) maxBytes + 1); // the size may grow while reading
            if (bytes.length > maxBytes) {
                throw Faults.moreThan(uri, maxBytes);
            }
            return bytes;
        } catch (IOException e) {
            throw fault(uri, e);
        }
    }

    @Override
    public void check(URI uri) {
        resolve(uri);
    }

    private Path resolve(URI uri) {
        Path path = path(uri).toAbsolutePath();
        try {
            if (roots.stream()
                    .noneMatch(root ->
                            path.normalize().startsWith(root.toAbsolutePath().normalize()))) {
                // Told apart before looking, so that nobody can ask which files exist elsewhere. A root may be a link.
                requireBelowRealRoot(uri, path.normalize());
            }
            Path real = path.toRealPath();
            requireBelowRealRoot(uri, real);
            requireReadable(uri, Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
            return real;
        } catch (IOException e) {
            throw fault(uri, e);
        }
    }

    private static Path path(URI uri) {
        String host = uri.getRawAuthority();
        if (uri.isOpaque() || !(host == null || host.toLowerCase(Locale.ROOT).equals("localhost"))) {
            throw Faults.of(ErrorKind.INVALID, Faults.shown(uri) + " does not name a file as file:///path does");
        }
        try {
            return Path.of(uri.getPath());
        } catch (IllegalArgumentException e) {
            throw Faults.of(ErrorKind.INVALID, Faults.shown(uri) + " holds a character no file name can have", e);
        }
    }

    private void requireBelowRealRoot(URI uri, Path path) throws IOException {
        for (Path root : roots) {
            if (Files.isDirectory(root) && path.startsWith(root.toRealPath())) {
                return;
            }
        }
        throw Faults.of(ErrorKind.NOT_ALLOWED, Faults.shown(uri) + " is not below a --data-root");
    }

    private void requireReadable(URI uri, BasicFileAttributes attributes) {
        if (!attributes.isRegularFile()) {
            String what = attributes.isDirectory() ? "a directory" : "no regular file";
            throw Faults.of(ErrorKind.NOT_ALLOWED, Faults.shown(uri) + " is " + what);
        }
        if (attributes.size() > maxBytes) {
            throw Faults.moreThan(uri, maxBytes);
        }
    }

    private static FaultException fault(URI uri, IOException e) {
        String shown = Faults.shown(uri);
        if (e instanceof NoSuchFileException) {
            return Faults.of(ErrorKind.NOT_FOUND, shown + " does not exist", e);
        }
        if (e instanceof AccessDeniedException || e instanceof FileSystemLoopException) {
            return Faults.of(ErrorKind.NOT_ALLOWED, shown + " may not be read", e);
        }
        boolean pathCannotBe = e instanceof FileSystemException f
                && f.getReason() != null
                && f.getReason().matches("(?i).*(not a directory|too many levels|name too long).*");
        return pathCannotBe
                ? Faults.of(ErrorKind.NOT_FOUND, shown + " does not exist", e)
                : Faults.of(
                        ErrorKind.UNAVAILABLE,
                        shown + " could not be read: " + e.getClass().getSimpleName(),
                        e);
    }
}
