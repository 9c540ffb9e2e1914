package io.github.finetide.deploy.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingKind;
import io.github.finetide.message.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReviewCommandTest {
    private static final URI LIST = URI.create("file:///d/train.txt");
    private static final Finding LABEL = new Finding(
            FindingKind.LABEL_ERROR, LIST, 7, URI.create("file:///d/1.jpg"), "soup", "fried rice", 0.75, null);
    private static final Finding SMALL = new Finding(FindingKind.SMALL_CLASS, LIST, null, null, "tart", null, 3, null);

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        Path checkpoint = Files.createDirectories(folder.resolve("store/dishes-1/epoch-0007"));
        Files.writeString(
                checkpoint.resolve("findings.jsonl"),
                new String(Json.write(LABEL), UTF_8) + "\n" + new String(Json.write(SMALL), UTF_8) + "\n");
        Files.writeString(folder.resolve("store/dishes-1/report.html"), "<p>pictures</p>");
    }

    @Test
    void findingsOfAJobAreATable() {
        assertThat(run("dishes-1"))
                .startsWith("0: 1 labels to check, 0 images in training and validation")
                .containsPattern("labelError +0.750 +soup +fried rice +/d/1.jpg")
                .containsPattern("smallClass +3.000 +tart +/d/train.txt");
    }

    @Test
    void ofACheckpointLinesOfJsonAndTheReport() throws IOException {
        URI checkpoint = folder.resolve("store/dishes-1/epoch-0007").toUri();
        Path page = folder.resolve("page.html");

        assertThat(run(checkpoint.toString(), "--json", "--html", page.toString()))
                .isEqualToNormalizingNewlines("0: " + new String(Json.write(LABEL), UTF_8) + "\n"
                        + new String(Json.write(SMALL), UTF_8) + "\n");
        assertThat(page).hasContent("<p>pictures</p>");
    }

    @Test
    void aJobWithoutFindingsSaysWhenTheyAreMade() {
        assertThat(run("dishes-2"))
                .contains("dishes-2 has no findings.jsonl: a job writes it when it ends with a release");
    }

    private String run(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("--store", folder.resolve("store").toUri().toString()));
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(written, true, UTF_8));
        try {
            CommandLine line = new CommandLine(new ReviewCommand()).setExecutionExceptionHandler((e, l, r) -> {
                System.out.print(e.getMessage());
                return 1;
            });
            int status = line.execute(all.toArray(String[]::new));
            return status + ": " + written.toString(UTF_8);
        } finally {
            System.setOut(before);
        }
    }
}
