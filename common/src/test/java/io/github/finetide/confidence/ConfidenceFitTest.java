package io.github.finetide.confidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.finetide.message.Confidence;
import io.github.finetide.message.ConfidenceThreshold;
import io.github.finetide.tensor.HashedNumbers;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Numbers of {@code src/test/python/confidence_golden.py}, which prints what PyTorch and numpy get. */
class ConfidenceFitTest {
    private static final int IMAGES = 400;
    private static final int CLASSES = 7;
    private static final double EXACT = 1e-7;

    @Test
    void overconfidentLogitsGetTheTemperatureThatPyTorchFinds() {
        Confidence fit = ConfidenceFit.of(logits("over", 20));

        assertThat(fit.temperature()).isCloseTo(4.197865554387036, within(1e-6));
        assertThat(fit.nll().before()).isCloseTo(2.6310808971387227, within(EXACT));
        assertThat(fit.nll().after()).isCloseTo(1.4213882402023281, within(EXACT));
        assertThat(fit.ece().before()).isCloseTo(0.21413600131737853, within(EXACT));
        assertThat(fit.ece().after()).isCloseTo(0.3085957665557043, within(EXACT));
        assertThat(at(fit, 0.8).coverage()).isEqualTo(0.0075);
        assertThat(at(fit, 0.8).accuracy()).isEqualTo(2 / 3.0);
    }

    @Test
    void underconfidentLogitsToo() {
        Confidence fit = ConfidenceFit.of(logits("under", 2));

        assertThat(fit.temperature()).isCloseTo(0.3583851202353157, within(1e-6));
        assertThat(fit.nll().before()).isCloseTo(1.5266892948874695, within(EXACT));
        assertThat(fit.nll().after()).isCloseTo(1.308902874864404, within(EXACT));
        assertThat(fit.ece().before()).isCloseTo(0.5021907545505937, within(EXACT));
        assertThat(fit.ece().after()).isCloseTo(0.28852448743589826, within(EXACT));
        assertThat(at(fit, 0.8).coverage()).isEqualTo(0.0375);
        assertThat(at(fit, 0.8).accuracy()).isEqualTo(0.8);
    }

    @Test
    void temperatureOfOtherImagesIsMeasuredOnThese() {
        ValidationLogits others = logits("over", 20);
        ValidationLogits these = logits("under", 2);
        Confidence fit = ConfidenceFit.of(others, these);

        assertThat(fit.temperature()).isEqualTo(ConfidenceFit.of(others).temperature());
        assertThat(fit.nll().before()).isEqualTo(ConfidenceFit.of(these).nll().before());
        assertThat(fit.nll().after())
                .isGreaterThan(ConfidenceFit.of(these).nll().after());
    }

    @Test
    void thresholdsCoverEverythingFirstAndNeverMoreLater() {
        Confidence fit = ConfidenceFit.of(logits("over", 20));

        assertThat(fit.thresholds().get(0).coverage()).isEqualTo(1);
        assertThat(fit.thresholds())
                .extracting(ConfidenceThreshold::coverage)
                .isSortedAccordingTo((a, b) -> Double.compare(b, a));
        assertThat(at(fit, 0.99).coverage()).isZero();
        assertThat(at(fit, 0.99).accuracy()).isNull();
    }

    @Test
    void whereTheImagesGiveNoReasonTheTemperatureIsOne() {
        int[] labels = new int[IMAGES];
        float[] sure = new float[IMAGES * 2];
        for (int i = 0; i < sure.length; i += 2) {
            sure[i] = 3;
        }

        assertThat(ConfidenceFit.of(new ValidationLogits(sure, 2, labels)).temperature())
                .as("all right")
                .isEqualTo(1);
        ValidationLogits few = new ValidationLogits(new float[] {0, 9}, 2, new int[] {0});
        assertThat(ConfidenceFit.of(few).temperature()).as("one image").isEqualTo(1);
    }

    @Test
    void logitsThatSayNothingOrTheWrongThingEndAtTheLimit() {
        float[] wrong = new float[IMAGES * 2];
        int[] labels = new int[IMAGES];
        for (int i = 0; i < wrong.length; i += 2) {
            wrong[i + 1] = 5;
        }

        assertThat(ConfidenceFit.of(new ValidationLogits(wrong, 2, labels)).temperature())
                .isEqualTo(TemperatureScaling.MAX_TEMPERATURE);
    }

    /** Results are made from probabilities in single precision; temperatures were fitted on logits. */
    @Test
    void probabilitiesGiveTheConfidenceThatLogitsGive() {
        ValidationLogits logits = logits("over", 20);
        for (double temperature : new double[] {0.3, 1, 1.7, 4}) {
            for (int image = 0; image < IMAGES; image++) {
                assertThat(Scaled.confidence(softmax(logits, image), temperature))
                        .isCloseTo(logits.confidence(image, temperature), within(1e-6));
            }
        }
    }

    private static float[] softmax(ValidationLogits logits, int image) {
        float[] probabilities = new float[CLASSES];
        double top = logits.at(image, logits.predicted(image));
        double confidence = logits.confidence(image, 1);
        for (int c = 0; c < CLASSES; c++) {
            probabilities[c] = (float) (Math.exp(logits.at(image, c) - top) * confidence);
        }
        return probabilities;
    }

    private static ConfidenceThreshold at(Confidence fit, double minConfidence) {
        return fit.thresholds().stream()
                .filter(threshold -> threshold.minConfidence() == minConfidence)
                .findFirst()
                .orElseThrow();
    }

    private static ValidationLogits logits(String name, double scale) {
        float[] values = new float[IMAGES * CLASSES];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (scale * (number(name + ".logits", i) - 0.5));
        }
        ValidationLogits logits = new ValidationLogits(values, CLASSES, new int[IMAGES]);
        int[] labels = new int[IMAGES];
        Arrays.setAll(
                labels,
                i -> number(name + ".right", i) < 0.7
                        ? logits.predicted(i)
                        : (int) (number(name + ".labels", i) * CLASSES));
        return new ValidationLogits(values, CLASSES, labels);
    }

    private static double number(String name, int index) {
        return HashedNumbers.at(HashedNumbers.seed(name), index);
    }
}
