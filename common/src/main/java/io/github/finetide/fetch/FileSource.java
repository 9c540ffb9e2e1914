package io.github.finetide.fetch;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import io.github.finetide.message.Faults;
import io.github.finetide.message.UriText;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Files below the data roots, after every link is resolved. Regular files only: opening a FIFO would wait for ever.
 *
 * <p>See RATIONALE.md, Why is a file opened folder by folder?
 */
final class FileSource implements ImageFetcher, ImageSources.Source {
    private static final Set<OpenOption> READ = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);

    /** At a time: the JDK keeps native memory of this size for each thread that reads. */
    private static final int BLOCK_BYTES = 64 << 10;

    private final List<Path> roots;
    private final long maxBytes;

    FileSource(List<Path> roots, long maxBytes) {
        this.roots = roots;
        this.maxBytes = maxBytes;
    }

    /**
     * A file that was found to be allowed.
     *
     * @param root without links
     * @param below the root, without links when it was checked
     */
    record Found(Path root, Path below) {}

    @Override
    public byte[] fetch(URI uri) {
        return read(uri, resolve(uri, maxBytes), maxBytes);
    }

    @Override
    public byte[] fetch(URI uri, SourceRules.Limit limit) {
        return read(uri, resolve(uri, limit.bytes()), limit.bytes());
    }

    @Override
    public void check(URI uri) {
        resolve(uri, maxBytes);
    }

    @Override
    public List<String> list(URI folder, SourceRules.Limit limit) {
        Found found = place(folder);
        try {
            return FolderWalk.below(folder, found.root(), found.root().resolve(found.below()), limit.bytes());
        } catch (IOException e) {
            throw fault(folder, e);
        }
    }

    /** Follows no link: whatever was put in the place of a folder or of the file since it was checked is not read. */
    byte[] read(URI uri, Found found) {
        return read(uri, found, maxBytes);
    }

    private byte[] read(URI uri, Found found, long most) {
        try (DirectoryStream<Path> root = Files.newDirectoryStream(found.root())) {
            return root instanceof SecureDirectoryStream<Path> folder
                    ? readBelow(uri, folder, found.below(), most)
                    : readChannel(uri, Files.newByteChannel(found.root().resolve(found.below()), READ), most, most);
        } catch (IOException e) {
            throw fault(uri, e);
        }
    }

    private byte[] readBelow(URI uri, SecureDirectoryStream<Path> folder, Path below, long most) throws IOException {
        Path name = below.getName(0);
        if (below.getNameCount() > 1) {
            try (SecureDirectoryStream<Path> next = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                return readBelow(uri, next, below.subpath(1, below.getNameCount()), most);
            }
        }
        BasicFileAttributes attributes = folder.getFileAttributeView(
                        name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
        requireReadable(uri, attributes, most);
        return readChannel(uri, folder.newByteChannel(name, READ), attributes.size(), most);
    }

    private byte[] readChannel(URI uri, SeekableByteChannel channel, long size, long most) throws IOException {
        try (channel) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(size, most) + 1);
            int count = 0;
            while (bytes.hasRemaining() && count >= 0) {
                bytes.limit(Math.min(bytes.capacity(), bytes.position() + BLOCK_BYTES));
                count = channel.read(bytes);
                bytes.limit(bytes.capacity());
            }
            if (!bytes.hasRemaining()) {
                throw size < most
                        ? Faults.of(ErrorKind.UNAVAILABLE, Faults.shown(uri) + " grows while it is read")
                        : Faults.moreThan(uri, most);
            }
            return Arrays.copyOf(bytes.array(), bytes.position());
        }
    }

    private Found resolve(URI uri, long most) {
        Found found = place(uri);
        try {
            Path real = found.root().resolve(found.below());
            requireReadable(
                    uri, Files.readAttributes(real, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS), most);
            return found;
        } catch (IOException e) {
            throw fault(uri, e);
        }
    }

    private Found place(URI uri) {
        Path path = path(uri).toAbsolutePath();
        try {
            boolean below = roots.stream()
                    .anyMatch(root ->
                            path.normalize().startsWith(root.toAbsolutePath().normalize()));
            // Decided before looking, so that nobody can ask which files exist elsewhere. A root may be a link.
            if (!below && rootOf(path.normalize()).isEmpty()) {
                throw Faults.of(ErrorKind.NOT_ALLOWED, Faults.shown(uri) + " is not below a --data-root");
            }
            Path real = path.toRealPath();
            Path root = rootOf(real).orElseThrow(() -> leadsOut(uri));
            return new Found(root, root.relativize(real));
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
            // A name may hold # and ?: a file has neither fragment nor query.
            return Path.of("/" + UriText.key(uri));
        } catch (IllegalArgumentException e) {
            String names = System.getProperty("sun.jnu.encoding", "UTF-8");
            String why = names.equals("UTF-8") || UriText.key(uri).indexOf(0) >= 0
                    ? " holds a character no file name can have"
                    : " cannot be named in this process's character set, " + names + ": start it with LC_ALL=C.UTF-8";
            throw Faults.of(ErrorKind.INVALID, Faults.shown(uri) + why, e);
        }
    }

    private Optional<Path> rootOf(Path path) throws IOException {
        for (Path root : roots) {
            if (Files.isDirectory(root) && path.startsWith(root.toRealPath())) {
                return Optional.of(root.toRealPath());
            }
        }
        return Optional.empty();
    }

    /** Only links and ".." lead elsewhere than where the path points. */
    static FaultException leadsOut(URI uri) {
        return Faults.of(
                ErrorKind.NOT_ALLOWED,
                Faults.shown(uri) + " is, or lies behind, a link that leads out of the --data-root");
    }

    private static void requireReadable(URI uri, BasicFileAttributes attributes, long most) {
        if (!attributes.isRegularFile()) {
            String what = attributes.isDirectory() ? "a directory" : "no regular file";
            throw Faults.of(ErrorKind.NOT_ALLOWED, Faults.shown(uri) + " is " + what);
        }
        if (attributes.size() > most) {
            throw Faults.moreThan(uri, most);
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
