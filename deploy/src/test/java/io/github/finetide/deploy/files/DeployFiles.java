package io.github.finetide.deploy.files;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.yaml.snakeyaml.Yaml;

/** The files beside the sources of this module that others run: read as they are. */
final class DeployFiles {
    static final Path FOLDER = Path.of("").toAbsolutePath();

    private static final YAMLMapper YAML = new YAMLMapper();

    private DeployFiles() {}

    static Stream<Path> named(String folder, String regex) {
        try (Stream<Path> files = Files.walk(FOLDER.resolve(folder))) {
            return files.filter(file -> file.toString().matches(regex)).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** All documents of a YAML (or JSON) file. */
    static List<JsonNode> documents(Path file) {
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(file.toFile())) {
            return documents.readAll();
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    /** The services of the compose file, with what they share ({@code <<:}) in each, which Jackson leaves out. */
    static JsonNode composeServices() {
        Object all = new Yaml().load(text(FOLDER.resolve("docker/compose.yaml")));
        return YAML.valueToTree(all).path("services");
    }

    static JsonNode document(String file) {
        return documents(FOLDER.resolve(file)).get(0);
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
