package io.github.finetide.trainer.training;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.finetide.message.Finding;
import io.github.finetide.message.FindingKind;
import io.github.finetide.message.Json;
import io.github.finetide.trainer.progress.JobOutcome;
import io.github.finetide.trainer.progress.ReviewedData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a finished job says of the images it was validated with. */
class ReleaseReviewTest {
    @TempDir
    Path folder;

    @Test
    void everyValidationImageHasAPredictionThatTheScoresAreMadeOf() throws IOException {
        try (Workshop workshop = new Workshop(folder)) {
            Recorded recorded = new Recorded();
            workshop.run(workshop.quickJob("job", "\"release\": \"last\""), recorded);

            List<String> lines = Files.readAllLines(folder.resolve("store/job/epoch-0003/predictions.jsonl"));
            assertThat(lines).hasSize(Workshop.VALIDATION);
            int right = 0;
            for (int i = 0; i < lines.size(); i++) {
                JsonNode line = new ObjectMapper().readTree(lines.get(i));
                assertThat(line.path("image").asText()).endsWith("image%20" + (Workshop.TRAIN + i) + ".png");
                assertThat(line.path("label").asText()).isEqualTo(String.valueOf((Workshop.TRAIN + i) % Made.CLASSES));
                boolean isRight = line.path("label").equals(line.path("predicted"));
                right += isRight ? 1 : 0;
                double certain = line.path("probability").asDouble();
                assertThat(certain).isBetween(1.0 / Made.CLASSES, 1.0);
                assertThat(Math.exp(-line.path("loss").asDouble())).isLessThanOrEqualTo(certain + 1e-6);
            }
            assertThat((double) right / lines.size())
                    .isEqualTo(recorded.epochs.get(2).validation().scores().accuracy());
        }
    }

    @Test
    void theReportShowsTrainingImagesTheWorstAndEveryClass() throws IOException {
        try (Workshop workshop = new Workshop(folder)) {
            workshop.run(workshop.quickJob("job", ""), new Recorded());

            String page = Files.readString(folder.resolve("store/job/report.html"));
            assertThat(page).contains("Training images", "Largest losses", "Most certain, class by class");
            assertThat(Pattern.compile("<img ").matcher(page).results().count())
                    .isGreaterThanOrEqualTo(16L + 2 * Workshop.VALIDATION + Made.CLASSES);
            assertThat(page)
                    .contains("where the network looked", "<h2>Confidence</h2>", "Reliability: Calibrated", "0.95")
                    .contains("Looked at with the released model: all 22 training and all 10 validation images.")
                    .contains("Classes with few images: 12", "0 (4 in train.txt)");
            assertThat(page).doesNotContain("<script").hasSizeLessThan(3_000_000);
        }
    }

    @Test
    void whatIsDoubtfulIsInAFileAndInTheOutcome() throws IOException {
        try (Workshop workshop = new Workshop(folder)) {
            Path copy = folder.resolve("images").resolve("copy.png");
            Files.copy(folder.resolve("images").resolve("image 3.png"), copy);
            Files.writeString(workshop.validation, "copy.png 3\n", StandardOpenOption.APPEND);
            JobOutcome.Finished outcome = (JobOutcome.Finished)
                    workshop.run(workshop.quickJob("job", "\"release\": \"last\""), new Recorded());

            ReviewedData found = outcome.findings().orElseThrow();
            List<Finding> written = new ArrayList<>();
            for (String line : Files.readAllLines(Path.of(found.uri()))) {
                written.add(Json.read(line.getBytes(UTF_8), Finding.class));
            }
            assertThat(found.uri())
                    .hasPath(folder.resolve("store/job/epoch-0003/findings.jsonl")
                            .toString());
            assertThat(written).isEqualTo(found.findings());
            assertThat(written)
                    .filteredOn(finding -> finding.kind() == FindingKind.LEAK)
                    .extracting(Finding::line, Finding::image)
                    .contains(tuple(Workshop.VALIDATION + 1, copy.toUri()));
        }
    }

    @Test
    void aJobThatReleasesNothingHasNoPictures() throws IOException {
        try (Workshop workshop = new Workshop(folder)) {
            workshop.run(workshop.quickJob("job", "\"release\": \"none\""), new Recorded());

            assertThat(Files.readString(folder.resolve("store/job/report.html")))
                    .doesNotContain("<img ");
            assertThat(folder.resolve("store/job/epoch-0003")).isDirectoryNotContaining("glob:**/predictions.jsonl");
        }
    }
}
