package io.github.finetide.image.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.finetide.image.Goldens;
import io.github.finetide.image.Pixels;
import io.github.finetide.image.transform.AugmentationDraw.Channel;
import io.github.finetide.image.transform.AugmentationDraw.Jitter;
import io.github.finetide.message.Augmentation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The random parameters have torchvision's distributions; each bound is far outside what chance does with a right one. */
class AugmentationDrawTest {
    private static final Augmentation SEED_RECIPE =
            new Augmentation(300, 45, 256, 0.5, 0.5, 0.2, 0.1, 0.1, 0.1, 0.1, 0);
    private static final int DRAWS = 24_000;
    private static final List<AugmentationDraw> SAMPLE = IntStream.range(0, DRAWS)
            .mapToObj(i -> AugmentationDraw.of(SEED_RECIPE, 17, 1 + i % 20, i / 20))
            .toList();

    @Test
    void angleIsUniformBetweenMinusAndPlus45Degrees() {
        isUniform(AugmentationDraw::angle, -45, 45);
    }

    @Test
    void colorFactorsAreUniformInTheirRanges() {
        isUniform(draw -> factor(draw, Channel.BRIGHTNESS), 0.8, 1.2);
        isUniform(draw -> factor(draw, Channel.CONTRAST), 0.9, 1.1);
        isUniform(draw -> factor(draw, Channel.SATURATION), 0.9, 1.1);
        isUniform(draw -> factor(draw, Channel.HUE), -0.1, 0.1);
    }

    @Test
    void flipsAndGrayscaleHaveTheirProbabilities() {
        assertThat(share(d -> d.horizontalFlip() ? 1 : 0)).isCloseTo(0.5, within(0.015));
        assertThat(share(d -> d.verticalFlip() ? 1 : 0)).isCloseTo(0.5, within(0.015));
        assertThat(share(d -> d.grayscale() ? 1 : 0)).isCloseTo(0.1, within(0.01));
        assertThat(share(d -> d.horizontalFlip() && d.verticalFlip() ? 1 : 0)).isCloseTo(0.25, within(0.015));
    }

    @Test
    void all24OrdersOfColorChangesAreEquallyLikely() {
        Map<List<Channel>, Integer> counts = new HashMap<>();
        SAMPLE.forEach(
                draw -> counts.merge(draw.jitter().stream().map(Jitter::channel).toList(), 1, Integer::sum));

        assertThat(counts).hasSize(24);
        assertThat(chiSquare(
                        counts.values().stream().mapToInt(Integer::intValue).toArray()))
                .isLessThan(60);
    }

    @Test
    void parametersAreNotCorrelated() {
        List<ToDoubleFunction<AugmentationDraw>> parameters = List.of(
                AugmentationDraw::angle,
                draw -> factor(draw, Channel.BRIGHTNESS),
                draw -> factor(draw, Channel.CONTRAST),
                draw -> factor(draw, Channel.SATURATION),
                draw -> factor(draw, Channel.HUE));
        for (int i = 0; i < parameters.size(); i++) {
            for (int j = 0; j < i; j++) {
                assertThat(correlation(parameters.get(i), parameters.get(j))).isBetween(-0.03, 0.03);
            }
        }
    }

    @Test
    void neighboursInSeedEpochAndIndexDrawDifferently() {
        Set<Double> angles = new HashSet<>();
        for (int seed = 0; seed < 20; seed++) {
            for (int epoch = 1; epoch <= 20; epoch++) {
                for (int index = 0; index < 20; index++) {
                    angles.add(
                            AugmentationDraw.of(SEED_RECIPE, seed, epoch, index).angle());
                }
            }
        }
        assertThat(angles).hasSize(8000);
    }

    @Test
    void theSameKeyAlwaysDrawsTheSame() {
        assertThat(AugmentationDraw.of(SEED_RECIPE, 5, 6, 7)).isEqualTo(AugmentationDraw.of(SEED_RECIPE, 5, 6, 7));
    }

    @Test
    void anOperationOfWidthZeroIsLeftOut() {
        Augmentation onlyHue = new Augmentation(300, 0, 256, 0, 0, 0, 0, 0, 0.5, 0, 0);

        AugmentationDraw draw = AugmentationDraw.of(onlyHue, 1, 1, 1);

        assertThat(draw.angle()).isZero();
        assertThat(draw.horizontalFlip() || draw.verticalFlip() || draw.grayscale())
                .isFalse();
        assertThat(draw.jitter()).extracting(Jitter::channel).containsExactly(Channel.HUE);
    }

    @Test
    void brightnessNeverGoesBelowZero() {
        Augmentation strong = new Augmentation(300, 0, 256, 0, 0, 3, 0, 0, 0, 0, 0);

        assertThat(IntStream.range(0, 1000)
                        .mapToDouble(i -> factor(AugmentationDraw.of(strong, 1, 1, i), Channel.BRIGHTNESS)))
                .allMatch(factor -> factor >= 0 && factor < 4);
    }

    @Test
    void thereIsNothingToDrawWithoutAugmentation() {
        assertThatThrownBy(() -> AugmentationDraw.of(Augmentation.NONE, 1, 1, 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void viewsRepeatInTurn() {
        Augmentation threeViews = new Augmentation(40, 45, 32, 0.5, 0.5, 0.2, 0.1, 0.1, 0.1, 0.1, 3);
        Pixels image = Goldens.hashed(50, 40);

        byte[] first = Preprocessing.training(image, threeViews, 32, 9, 1, 4).rgb();

        assertThat(Preprocessing.training(image, threeViews, 32, 9, 4, 4).rgb()).isEqualTo(first);
        assertThat(Preprocessing.training(image, threeViews, 32, 9, 2, 4).rgb()).isNotEqualTo(first);
    }

    @Test
    void trainingWithoutAugmentationIsTheValidationTransform() {
        Pixels image = Goldens.hashed(50, 40);

        assertThat(Preprocessing.training(image, Augmentation.NONE, 24, 1, 1, 1).rgb())
                .isEqualTo(Preprocessing.validation(image, 24).rgb());
    }

    private static double factor(AugmentationDraw draw, Channel channel) {
        return draw.jitter().stream()
                .filter(jitter -> jitter.channel() == channel)
                .findFirst()
                .orElseThrow()
                .factor();
    }

    private static void isUniform(ToDoubleFunction<AugmentationDraw> parameter, double low, double high) {
        int[] counts = new int[20];
        for (AugmentationDraw draw : SAMPLE) {
            double place = (parameter.applyAsDouble(draw) - low) / (high - low);
            assertThat(place).isBetween(0.0, 1.0);
            counts[(int) (place * counts.length)]++;
        }
        assertThat(chiSquare(counts)).isLessThan(55); // 19 degrees of freedom
    }

    private static double chiSquare(int[] counts) {
        double expected = (double) DRAWS / counts.length;
        return Arrays.stream(counts)
                .mapToDouble(n -> (n - expected) * (n - expected) / expected)
                .sum();
    }

    private static double share(ToDoubleFunction<AugmentationDraw> indicator) {
        return SAMPLE.stream().mapToDouble(indicator).average().orElseThrow();
    }

    private static double correlation(
            ToDoubleFunction<AugmentationDraw> one, ToDoubleFunction<AugmentationDraw> other) {
        double meanOne = share(one);
        double meanOther = share(other);
        double together = share(d -> (one.applyAsDouble(d) - meanOne) * (other.applyAsDouble(d) - meanOther));
        double squareOne = share(d -> Math.pow(one.applyAsDouble(d) - meanOne, 2));
        double squareOther = share(d -> Math.pow(other.applyAsDouble(d) - meanOther, 2));
        return together / Math.sqrt(squareOne * squareOther);
    }
}
