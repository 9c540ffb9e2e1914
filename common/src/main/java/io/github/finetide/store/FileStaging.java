package io.github.finetide.store;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Files that become visible by their folder being renamed. That folder, and whatever it takes the place of, lie in a
 * temporary one, which a new owner of the job removes first of all: so an owner that slept over its end finds nothing to
 * publish and no room to set anything aside. It can neither replace nor bring back a checkpoint.
 *
 * <p>See RATIONALE.md, Why is a checkpoint written in two steps?
 */
final class FileStaging implements Staging {
    /** Another owner that was not fenced off may put its folder there between our two renames. */
    private static final int MAX_REPLACEMENTS = 10;

    private final FileStore store;
    private final Disk disk;
    private final Path temporary;
    private final Path folder;

    /** @param temporary folder of this staging alone, made already */
    FileStaging(FileStore store, Disk disk, Path temporary) throws IOException {
        this.store = store;
        this.disk = disk;
        this.temporary = temporary;
        folder = temporary.resolve("new");
        disk.createDirectories(folder);
    }

    @Override
    public FileEntry add(String name, Content content) {
        Path file = folder.resolve(name);
        try {
            disk.write(file, content);
            disk.force(file);
            return Digests.of(name, file);
        } catch (NoSuchFileException removed) {
            throw taken(file);
        } catch (IOException failed) {
            throw StoreFaults.of(file, failed);
        }
    }

    @Override
    public void publish(String key) {
        try {
            disk.force(folder);
            Path target = store.target(key);
            appear(target);
            forceParents(target);
        } catch (NoSuchFileException removed) {
            throw taken(store.uri(key));
        } catch (IOException failed) {
            throw StoreFaults.of(store.uri(key), failed);
        }
    }

    /** Not for good: who still owns the job writes the files again, who does not finds that out. */
    private static FaultException taken(Object place) {
        return new FaultException(
                ErrorKind.UNAVAILABLE, place + ": another worker removed the files before they were published");
    }

    private void appear(Path target) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                disk.move(folder, target);
                return;
            } catch (FileSystemException taken) {
                if (!isTaken(taken) || attempt > MAX_REPLACEMENTS) {
                    throw taken;
                }
                setAside(target, attempt);
            }
        }
    }

    private void setAside(Path target, int attempt) throws IOException {
        try {
            disk.move(target, temporary.resolve("old-" + attempt));
        } catch (NoSuchFileException setAsideByAnother) {
            if (!Files.isDirectory(temporary)) {
                throw setAsideByAnother;
            }
        }
    }

    private static boolean isTaken(FileSystemException failed) {
        return failed instanceof DirectoryNotEmptyException
                || failed instanceof FileAlreadyExistsException
                || String.valueOf(failed.getReason()).toLowerCase(Locale.ROOT).contains("not empty");
    }

    @Override
    public void publishFile(String name, String key) {
        try {
            Path target = store.target(key);
            disk.move(folder.resolve(name), target);
            forceParents(target);
        } catch (NoSuchFileException removed) {
            throw taken(store.uri(key));
        } catch (IOException failed) {
            throw StoreFaults.of(store.uri(key), failed);
        }
    }

    /** The new name, and those of folders made for it. */
    private void forceParents(Path target) throws IOException {
        Path parent = target.getParent();
        if (parent != null) {
            disk.force(parent);
            Path above = parent.getParent();
            if (above != null) {
                disk.force(above);
            }
        }
    }

    @Override
    public void close() {
        try {
            disk.delete(temporary);
        } catch (IOException failed) {
            throw StoreFaults.of(temporary, failed);
        }
    }
}
