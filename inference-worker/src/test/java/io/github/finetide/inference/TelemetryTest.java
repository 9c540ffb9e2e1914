package io.github.finetide.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.finetide.inference.model.Fakes;
import io.github.finetide.inference.model.ModelInfo;
import io.github.finetide.inference.requests.Places;
import io.github.finetide.inference.requests.RequestResult;
import io.github.finetide.message.AnswerProfile;
import io.github.finetide.message.ClassificationResult.Classified;
import io.github.finetide.message.Decision;
import io.github.finetide.message.Precision;
import io.github.finetide.message.Prediction;
import io.github.finetide.message.Timings;
import io.github.finetide.metrics.Metrics;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TelemetryTest {
    private final Metrics metrics = new Metrics();
    private final Telemetry telemetry = new Telemetry(metrics, () -> Fakes.NOW);

    @AfterEach
    void close() {
        metrics.close();
    }

    private static ModelInfo info(int imagesAClass) {
        AnswerProfile validation = new AnswerProfile(
                Collections.nCopies(AnswerProfile.BINS, imagesAClass / 10), List.of(imagesAClass, imagesAClass));
        return new ModelInfo("m", "j@1", List.of("a", "b"), 2, Precision.FP32, null, validation);
    }

    private void publish(int classId, double confidence) {
        Classified result = new Classified(
                "r",
                "file:///a.png",
                "m",
                "j@1",
                List.of(new Prediction("a", classId, confidence)),
                confidence,
                Decision.ANSWERED,
                null,
                null,
                "w",
                Fakes.NOW,
                Timings.NONE);
        telemetry.published(new RequestResult(Places.first(), result, null, 1));
    }

    private double drift(String of) {
        return metrics.registry()
                .get("finetide.drift.psi")
                .tag("of", of)
                .gauge()
                .value();
    }

    @Test
    void whatAVersionAnswersIsComparedWithWhatItAnsweredInValidation() {
        telemetry.loaded(info(100), Duration.ZERO);
        for (int i = 0; i < 500; i++) {
            publish(i % 2, i / 500.0);
        }
        assertThat(drift("classes")).isCloseTo(0, within(0.001));
        assertThat(drift("confidence")).isCloseTo(0, within(0.02));
        for (int i = 0; i < 500; i++) {
            publish(1, 0.1);
        }
        assertThat(drift("classes")).isGreaterThan(0.25);
        assertThat(drift("confidence")).isGreaterThan(0.25);
    }

    @Test
    void fewValidationImagesAreNothingToCompareWith() {
        telemetry.loaded(info(40), Duration.ZERO);
        publish(0, 0.5);

        assertThat(metrics.registry().find("finetide.drift.psi").gauges()).isEmpty();
    }
}
