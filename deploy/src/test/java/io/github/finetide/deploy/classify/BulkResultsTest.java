package io.github.finetide.deploy.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.finetide.deploy.CommandFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A run that goes on leaves no gap and no double, wherever the one before was killed. */
class BulkResultsTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;

    private Path file;

    @SuppressWarnings("NullAway.Init")
    BulkResultsTest() {}

    @BeforeEach
    void place() {
        file = folder.resolve("results");
    }

    @ParameterizedTest
    @EnumSource
    void killedAtAnyByteTheNextRunDoesExactlyWhatIsMissing(BulkFormat format) throws IOException {
        List<String> images = List.of("file:///a.png", "a, \"line\" of a list", "file:///a.png", "file:///é.png");
        write(format, images);
        byte[] whole = Files.readAllBytes(file);
        for (int end = 0; end <= whole.length; end++) {
            Files.write(file, java.util.Arrays.copyOf(whole, end));
            write(format, images);

            assertThat(Files.readAllBytes(file)).as("cut at %d", end).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theSummaryIsOfAllRuns(BulkFormat format) throws IOException {
        write(format, List.of("file:///a", "file:///b"));
        BulkSummary summary = new BulkSummary();
        try (BulkResults results = BulkResults.open(file, format, summary)) {
            results.add(result("file:///c"));
            results.add(MAPPER.createObjectNode()
                    .put("image", "file:///d")
                    .put("status", "rejected")
                    .set(
                            "error",
                            MAPPER.createObjectNode().put("kind", "not_found").put("message", "no\nsuch")));
        }

        assertThat(summary.images()).isEqualTo(4);
        assertThat(summary.lines())
                .anyMatch(line -> line.matches("soup +3 +75.0 %"))
                .anyMatch(line -> line.matches("rejected: not_found +1 +25.0 %"));
        assertThat(Files.readAllLines(file)).hasSize(format.header().isEmpty() ? 4 : 5);
    }

    @Test
    void aFileOfSomethingElseIsLeftAlone() throws IOException {
        Files.writeString(file, "my notes\n");

        assertThatThrownBy(() -> BulkResults.open(file, BulkFormat.JSON_LINES, new BulkSummary()))
                .isInstanceOf(CommandFailure.class)
                .hasMessageContaining("line 1");
        assertThat(file).hasContent("my notes\n");
    }

    private void write(BulkFormat format, List<String> images) throws IOException {
        try (BulkResults results = BulkResults.open(file, format, new BulkSummary())) {
            for (String image : images) {
                if (!results.takeDone(image)) {
                    results.add(result(image));
                }
            }
        }
    }

    private static ObjectNode result(String image) {
        ObjectNode result = MAPPER.createObjectNode().put("image", image).put("status", "classified");
        result.putArray("predictions").addObject().put("label", "soup").put("probability", 0.5);
        return result;
    }
}
