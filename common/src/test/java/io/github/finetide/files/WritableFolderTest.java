package io.github.finetide.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritableFolderTest {
    @TempDir
    Path folder;

    @Test
    void aFolderThatIsThereOrCanBeMadeIsNoProblem() {
        assertThat(new WritableFolder(folder).problem()).isNull();
        assertThat(new WritableFolder(folder.resolve("not/yet")).problem()).isNull();
    }

    @Test
    void aFullDiskIsNamedWithWhatIsLeft() {
        WritableFolder full = new WritableFolder(folder, path -> 3 << 20);

        assertThat(full.problem())
                .isEqualTo("the disk of " + folder + " has 3 MiB left; free some, or choose another folder");
    }

    @Test
    void aFileInItsPlaceIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("cache"));

        assertThat(new WritableFolder(file).problem()).isEqualTo(file + " is no folder");
    }
}
