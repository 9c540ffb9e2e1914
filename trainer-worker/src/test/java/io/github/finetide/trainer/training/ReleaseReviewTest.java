package io.github.finetide.trainer.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
                    .isBetween(16L + Workshop.VALIDATION + Made.CLASSES, 16L + Workshop.VALIDATION + 2 * Made.CLASSES);
            assertThat(page).doesNotContain("<script").hasSizeLessThan(3_000_000);
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
