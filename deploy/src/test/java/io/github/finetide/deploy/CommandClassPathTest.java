package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The command has on its class path whatever a worker has on its own.
 *
 * <p>See RATIONALE.md, Why does a test read the command's class path?
 */
class CommandClassPathTest {
    /** Annotations that no program reads; Guava, which is in test scope here, brings them too. */
    private static final String NOT_NEEDED = "error_prone_annotations-";

    @ParameterizedTest
    @ValueSource(strings = {"trainer-worker", "inference-worker"})
    void everyLibraryOfAWorkerIsThere(String worker) throws IOException {
        assertThat(libraries("deploy")).containsAll(libraries(worker));
    }

    /** File names, with versions; our own modules are folders in some builds and jars in others. */
    private static Set<String> libraries(String module) throws IOException {
        String written = Files.readString(Path.of("..", module, "target", "runtime-classpath"));
        Set<String> names = Arrays.stream(written.split(File.pathSeparator))
                .map(path -> Path.of(path.strip()).getFileName().toString())
                .filter(name -> !name.startsWith(NOT_NEEDED))
                .filter(name -> !name.equals("classes") && !name.matches(".*-SNAPSHOT\\.jar"))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(names).as("libraries of %s", module).isNotEmpty();
        return names;
    }
}
