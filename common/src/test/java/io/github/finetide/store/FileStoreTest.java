package io.github.finetide.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.finetide.message.ErrorKind;
import io.github.finetide.message.FaultException;
import java.io.IOException;
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
