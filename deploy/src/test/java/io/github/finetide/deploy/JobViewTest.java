package io.github.finetide.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.finetide.message.Best;
import io.github.finetide.message.CrossValidation;
import io.github.finetide.message.EpochMetrics;
import io.github.finetide.message.JobState;
import io.github.finetide.message.JobStatus;
import io.github.finetide.message.Json;
import io.github.finetide.message.MeanDeviation;
import io.github.finetide.message.SweepStatus;
import io.github.finetide.message.SweepValues;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JobViewTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final Screen screen =
            new Screen(new PrintStream(written, true, StandardCharsets.UTF_8), Screen.NOT_A_TERMINAL, false);
    private final JobView view = new JobView(screen, "job");

    @Test
    void anEpochIsARowUnderItsTitles() {
        view.show(TestEvents.metrics("job", 1, 3));
        view.show(TestEvents.metrics("job", 2, 3));

        assertThat(text().lines())
                .hasSize(4)
                .first()
                .asString()
                .contains("training")
                .contains("validation");
        assertThat(text().lines().toList().get(2)).startsWith("    1/3").endsWith("best");
        assertThat(text().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        assertThat(view.epochs()).extracting(EpochMetrics::epoch).containsExactly(1, 2);
    }

    @Test
    void theBarShowsTheEpochThatRuns() {
        view.show(TestEvents.status("job", JobState.RUNNING, 1.5 / 3, 3));

        assertThat(text()).contains("job is RUNNING on trainer-1").contains("Epoch 2/3 50 %");
    }

    @Test
    void otherJobsAreNotShown() {
        view.show(TestEvents.metrics("other", 1, 3));
        view.show(TestEvents.status("other", JobState.SUCCEEDED, 1, 3));

        assertThat(text()).isEmpty();
        assertThat(view.end()).isEmpty();
        assertThat(view.isHeardOf()).isFalse();
    }

    @Test
    void variantsAndFoldsAreOneLineAtTheEnd() {
        String fold = new String(Json.write(TestEvents.metrics("job", 1, 3)), StandardCharsets.UTF_8)
                .replaceFirst("[{]", "{\"fold\":2,");
        view.show(Json.read(fold.getBytes(StandardCharsets.UTF_8), EpochMetrics.class));
        assertThat(text()).isEmpty();
        assertThat(view.epochs()).isEmpty();

        MeanDeviation accuracy = new MeanDeviation(0.875, 0.0125);
        view.show(TestEvents.status("job", JobState.SUCCEEDED, 1, 3)
                .with()
                .sweep(new SweepStatus(8, 8, 3, new SweepValues(0.03, null, null, null)))
                .crossValidation(new CrossValidation(5, accuracy, accuracy, accuracy))
                .build());
        assertThat(text())
                .contains("Best of 8 variants: variant 3, {\"learningRate\":0.03}")
                .contains("5 folds: accuracy 87.5");
    }

    @Test
    void aFinalStatusIsTheEnd() {
        view.show(TestEvents.status("job", JobState.SUCCEEDED, 1, 3));

        assertThat(view.end()).get().extracting(JobStatus::best).isEqualTo(new Best(2, 0.75, 0.5));
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }
}
