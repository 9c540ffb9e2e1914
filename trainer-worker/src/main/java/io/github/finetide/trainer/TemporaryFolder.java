package io.github.finetide.trainer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder that ends with the worker. */
record TemporaryFolder(Path path) implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(TemporaryFolder.class);

    static TemporaryFolder create() throws IOException {
        return new TemporaryFolder(Files.createTempDirectory("finetide-trainer"));
    }

    @Override
    public void close() {
        try (Stream<Path> all = Files.walk(path)) {
            List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
            for (Path file : deepestFirst) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            log.warn("{} is left behind: {}", path, e.toString());
        }
    }
}
