package io.github.finetide.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFolderTest {
    @TempDir
    Path parent;

    @Test
    void whatAKilledWorkerLeftIsRemovedAndALiveOnesFolderIsNot() throws IOException {
        Path left = Files.createDirectory(parent.resolve("finetide-trainer-of-a-killed-one"));
        Files.createFile(left.resolve(".in-use"));
        Files.writeString(left.resolve("features"), "gigabytes");
        Path others = Files.createDirectory(parent.resolve("finetide-trainer-of-somebody-else"));
        try (TemporaryFolder living = TemporaryFolder.create(parent);
                TemporaryFolder next = TemporaryFolder.create(parent)) {
            assertThat(left).doesNotExist();
            assertThat(others).exists();
            assertThat(living.path()).exists();
            assertThat(next.path()).exists();
        }
        assertThat(parent).isDirectoryContaining("glob:**/*else").isDirectoryNotContaining("glob:**/*killed*");
    }
}
