package io.github.finetide.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages of earlier releases, kept under {@code former}, mean what they meant; those of later ones are understood or refused. */
class FormerMessagesTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Stream<Path> messages() throws IOException, URISyntaxException {
        Path root = Path.of(Objects.requireNonNull(FormerMessagesTest.class.getResource("/former"))
                .toURI());
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).toList().stream();
        }
    }

    private static Class<?> type(Path message) {
        String name = String.valueOf(message.getFileName()).replaceFirst("(-.*)?[.]json$", "");
        try {
            return Class.forName(TrainingJob.class.getPackageName() + "." + name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode tree(Path message) {
        try {
            return MAPPER.readTree(Files.readAllBytes(message));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("messages")
    void everyFieldIsReadAndWrittenWithItsValue(Path message) throws IOException {
        JsonNode written = MAPPER.readTree(Json.write(Json.read(Files.readAllBytes(message), type(message))));

        tree(message)
                .properties()
                .forEach(field -> assertThat(held(written.path(field.getKey()), field.getValue()))
                        .as("%s: %s in %s", field.getKey(), field.getValue(), written)
                        .isTrue());
    }

    /** Objects may have gained fields. */
    private static boolean held(JsonNode now, JsonNode then) {
        return then.isObject()
                ? then.properties().stream().allMatch(field -> held(now.path(field.getKey()), field.getValue()))
                : then.isNumber() ? now.isNumber() && now.asDouble() == then.asDouble() : now.equals(then);
    }

    /** What a user wrote for a newer worker is refused by its field; what a newer worker publishes is read as far as it is known. */
    @ParameterizedTest
    @MethodSource("messages")
    void aFieldOfANewerReleaseIsNamedOrLeftOut(Path message) throws IOException {
        ObjectNode newer = (ObjectNode) tree(message);
        newer.put("newFeature", true);
        byte[] bytes = MAPPER.writeValueAsString(newer).getBytes(UTF_8);
        Class<?> type = type(message);
        if (Input.class.isAssignableFrom(type)) {
            assertThatThrownBy(() -> Json.read(bytes, type))
                    .isInstanceOf(FaultException.class)
                    .hasMessageContaining("newFeature: is not a field");
        } else {
            assertThat(Json.read(bytes, type)).isEqualTo(Json.read(Files.readAllBytes(message), type));
        }
    }
}
