package io.github.finetide.options;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

class DataRootsTest {
    private final CommandLine line = new CommandLine(new Nothing());

    @Command
    private static final class Nothing {}

    @Test
    void aFolderThatIsNotThereIsAnError(@TempDir Path folder) throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatCode(() -> DataRoots.require(line, List.of(folder))).doesNotThrowAnyException();
        assertThatThrownBy(() -> DataRoots.require(line, List.of(folder, folder.resolve("missing"))))
                .isInstanceOf(ParameterException.class)
                .hasMessageEndingWith("missing does not exist");
        assertThatThrownBy(() -> DataRoots.require(line, List.of(file))).hasMessageEndingWith("file is no folder");
    }
}
