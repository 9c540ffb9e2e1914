package io.github.finetide.store;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** A temporary folder that becomes visible by being renamed. */
final class FileStaging implements Staging {
    /** Another owner may put its folder there between our two renames; that cannot go on for long. */
    private static final int MAX_REPLACEMENTS = 10;

    private final FileStore store;
    private final Disk disk;
    private final Path folder;

    FileStaging(FileStore store, Disk disk, Path folder) {
        this.store = store;
        this.disk = disk;
        this.folder = folder;
    }

    @Override
    public FileEntry add(String name, Content content) {
        Path file = folder.resolve(name);
        try {
            disk.write(file, content);
            disk.force(file);
            return Digests.of(name, file);
        } catch (IOException failed) {
            throw StoreFaults.of(file, failed);
        }
    }

    @Override
    public void publish(String key) {
        try {
            disk.force(folder);
            Path target = store.target(key);
            replace(target);
            forceParents(target);
        } catch (IOException failed) {
            throw StoreFaults.of(store.uri(key), failed);
        }
    }

    private void replace(Path target) throws IOException {
        for (int attempt = 1; ; attempt++) {
            setAside(target);
            try {
                disk.move(folder, target);
                return;
            } catch (FileSystemException taken) {
                if (!isTaken(taken) || attempt == MAX_REPLACEMENTS) {
                    throw taken;
                }
            }
        }
    }

    private void setAside(Path target) throws IOException {
        Path old = folder.resolveSibling(Temporaries.name("replaced"));
        try {
            if (Files.exists(target)) {
                disk.move(target, old);
                disk.delete(old);
            }
        } catch (NoSuchFileException setAsideByAnother) {
            return;
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
            disk.delete(folder);
        } catch (IOException failed) {
            throw StoreFaults.of(folder, failed);
        }
    }
}
