package io.github.finetide.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.files.FileTree;
import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest extends CheckpointsContract {
    @TempDir
    Path root;

    @Override
    Store store() {
        return FileStore.open(root);
    }

    @Override
    List<String> everything() {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> !StoreMarker.is(file))
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    void overwrite(String key, byte[] bytes) {
        try {
            Files.write(root.resolve(key), bytes);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    byte[] bytes(String key) {
        try {
            return Files.readAllBytes(root.resolve(key));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** A mount point stays when its mount goes: moving the files away and back does the same to its reader. */
    @Test
    void aMountPointWithoutItsMountIsUnavailableAndNotEmpty() throws IOException {
        Path mount = Files.createDirectory(root.resolve("mount"));
        Store store = FileStore.open(mount);
        Path volume = Files.move(mount, root.resolve("volume"));
        Files.createDirectory(mount);

        assertUnavailable(() -> store.list(""));
        assertUnavailable(() -> store.stage("job", "a"));
        assertUnavailable(() -> store.read("job/checkpoint.json", InputStream::readAllBytes));
        FileStore.open(mount); // of another process, begun meanwhile: a store of its own
        assertUnavailable(() -> store.list(""));

        FileTree.delete(mount);
        Files.move(volume, mount);
        assertThat(store.list("")).isEmpty();
        assertThat(FileStore.open(mount).list("")).isEmpty();
    }

    @Test
    void vanishedFolderIsUnavailableAndNotEmpty() throws IOException {
        Path mount = Files.createDirectory(root.resolve("mount"));
        Checkpoints checkpoints =
                new Checkpoints(FileStore.open(mount), "a", new LocalCache(cache, LocalCache.DEFAULT_MAX_BYTES));
        checkpoints.save(Samples.manifest("job", 1), Samples.files(1));
        Files.move(mount, root.resolve("elsewhere"));
        assertUnavailable(() -> checkpoints.newest("job"));
        assertUnavailable(() -> checkpoints.save(Samples.manifest("job", 2), Samples.files(2)));
        assertUnavailable(() -> checkpoints.putReport("job", "", () -> {}));
        assertUnavailable(() -> checkpoints.store().probe());
        assertThat(mount).doesNotExist();
    }

    private static void assertUnavailable(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        FaultException.class, fault -> assertThat(fault.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
                .hasMessageContaining("mount");
    }

    @Test
    void fullDiskIsNamedAsSuch() {
        FaultException fault = StoreFaults.of(Path.of("/store/x"), new IOException("No space left on device"));
        assertThat(fault.kind()).isEqualTo(ErrorKind.NO_SPACE);
        assertThat(fault).hasMessage("/store/x: No space left on device");
        assertThat(StoreFaults.of("/x", new IOException("Disk quota exceeded")).kind())
                .isEqualTo(ErrorKind.NO_SPACE);
        assertThat(StoreFaults.of("/x", new IOException("Input/output error")).kind())
                .isEqualTo(ErrorKind.UNAVAILABLE);
    }

    @Test
    void folderThatCannotBeMadeIsAnError() throws IOException {
        Path file = Files.writeString(root.resolve("file"), "");
        assertThatThrownBy(() -> FileStore.open(file.resolve("store"))).isInstanceOf(FaultException.class);
    }

    @Test
    void namesWithSpacesAndUmlautsSurvive() {
        Store store = FileStore.open(root.resolve("mein Speicher ä"));
        assertThat(store.key(store.uri("job/epoch-0001"))).isEqualTo("job/epoch-0001");
        assertThat(store.uri("job/epoch-0001").toString()).endsWith("/mein%20Speicher%20%C3%A4/job/epoch-0001");
    }
}
